import assert from "node:assert/strict";
import { test } from "node:test";
import { foldRoom } from "../src/state/reducer_room";
import type { Room, RoomEvent } from "../src/state/types";
import { familiesOf, matches } from "../src/ui/event_filter";
import { eventWords } from "../src/ui/event_words";
import { together } from "../src/ui/members_together";
import { changes, facts } from "../src/ui/room_facts";
import { ANA, BEN, event, item, room } from "./fixtures";

const names = { person: (id: string) => (id === ANA ? "Ana" : "Ben"), item: (id: string) => id };
const NOW = 50_000;

function changedBy(told: RoomEvent, before: Room = room(), at = NOW): string[] {
  const after = foldRoom(before, told);
  assert.ok(after !== null);
  return changes(before, after, at).map(({ label, before: old, after: now }) => `${label}: ${old} → ${now}`);
}

test("an event's changes are told with what was before", () => {
  const joined = event(11, "member.joined", { member: BEN, display_name: "Ben", role: "member" }, BEN);
  const after = foldRoom(room(), joined) as Room;
  for (const [told, before, expected] of [
    [event(11, "room.settings_updated", { name: "Films", control: "owner" }), room(), ["Name: Movies → Films", "Who steers: everyone → owner"]],
    [joined, room(), ["Members: null → Ben"]],
    [event(12, "member.role_set", { member: BEN, role: "moderator" }), after, ["Ben: member → moderator"]],
    [event(12, "member.left", {}, BEN), after, ["Members: Ben → null"]],
    [event(11, "playlist.updated", { item_id: "itm_b", title: "Film" }), room(), ["Playlist: itm_b → Film"]],
    [event(11, "playlist.updated", { item_id: "itm_b", duration_ms: 60_000 }), room(), ["itm_b: length unknown → 1:00"]],
    [event(11, "playlist.removed", { item_id: "itm_b" }), room(), ["Playlist: itm_b → null"]],
    [event(11, "chat.posted", { message_id: "msg_1", text: "hi" }), room(), []],
  ] as const) {
    assert.deepEqual(changedBy(told, before), expected, told.type);
  }
});

test("playback that goes on is no change, a jump is one", () => {
  const motion = { item_id: "itm_a", rate_permille: 1_000, playing: true };
  // It played for 9 s from 0:01 on.
  const later = NOW + 9_000;
  assert.deepEqual(changedBy(event(11, "playback.paused", { ...motion, playing: false, position_ms: 10_000, anchor_ms: later }), room(), later), [
    "State: playing → paused",
  ]);
  assert.deepEqual(changedBy(event(11, "playback.seeked", { ...motion, position_ms: 20_000, anchor_ms: later }), room(), later), [
    "Position: 0:10 → 0:20",
  ]);
});

test("of a move only the item that was moved is told", () => {
  const before = room({ playlist: ["a", "b", "c", "d"].map((id) => item(id, null)) });
  assert.deepEqual(changedBy(event(11, "playlist.moved", { item_id: "a", after: "c" }), before), ["a: position 1 → position 3"]);
  assert.deepEqual(changedBy(event(11, "playlist.moved", { item_id: "d", after: null }), before), ["d: position 4 → position 1"]);
});

test("each fact of a room has a key of its own", () => {
  const keys = facts(room(), NOW).map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length, keys.join());
});

test("every event has words", () => {
  for (const [type, data, words] of [
    ["chat.posted", { text: "hi" }, "Ana wrote: hi"],
    ["chat.redacted", { message_id: "msg_1" }, "Ana withdrew a message"],
    ["chat.reacted", { reaction: "❤", on: true }, "Ana reacted with ❤"],
    ["playlist.updated", { item_id: "itm_b", duration_ms: 1 }, "Ana told how long itm_b is"],
    ["playback.seeked", { position_ms: 5_000 }, "Ana jumped to 0:05"],
    ["some.new_event", {}, "Ana some.new_event"],
  ] as const) {
    assert.equal(eventWords(event(1, type, data), names), words);
  }
  assert.equal(eventWords({ seq: 1, position: 1, type: "redacted" }, names), "an event whose text was withdrawn");
});

test("events are chosen by family and by actor", () => {
  const events = [event(1, "chat.posted"), event(2, "playback.played", {}, BEN), event(3, "chat.reacted", {}, BEN)];
  const chosen = (family: string, actor: string) => events.filter((one) => matches(one, family, actor)).map(({ seq }) => seq);
  assert.deepEqual(familiesOf(events), ["chat", "playback"]);
  assert.deepEqual([chosen("", ""), chosen("chat", ""), chosen("chat", BEN), chosen("", ANA)], [[1, 2, 3], [1, 3], [3], [1]]);
});

test("how far the room is apart counts leads and lags alike, and needs two", () => {
  assert.equal(together([5]), null);
  assert.deepEqual(together([-100, 10]), { p50: 10, p95: 100 });
  assert.deepEqual(together([1, -2, 3, -4, 50]), { p50: 3, p95: 50 });
});
