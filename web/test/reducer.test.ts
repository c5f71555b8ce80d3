import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, begin, type State } from "../src/state/reducer";
import type { RoomEvent } from "../src/state/types";
import { ANA, BEN, event, item, room } from "./fixtures";

function fold(events: RoomEvent[], from: State = begin(room(), [])): State {
  return events.reduce((state, next) => {
    const outcome = apply(state, next);
    if (outcome.kind !== "applied") assert.fail(`${next.type} at ${next.seq}: ${outcome.kind}`);
    return outcome.state;
  }, from);
}

const ids = (state: State) => state.room.playlist.map(({ item_id }) => item_id);

test("an event already folded is a duplicate", () => {
  assert.equal(apply(begin(room(), []), event(10, "chat.posted")).kind, "duplicate");
});

test("a missing event is seen as a hole", () => {
  assert.equal(apply(begin(room(), []), event(12, "chat.posted")).kind, "hole");
});

test("an event of an unknown meaning asks for a new snapshot", () => {
  assert.equal(apply(begin(room(), []), event(11, "room.transferred")).kind, "stale");
  assert.equal(apply(begin(room(), []), event(11, "member.something_new", { member: BEN })).kind, "stale");
  assert.equal(apply(begin(room(), []), event(11, "something.new")).kind, "stale");
});

test("a redacted event counts as one of the chat and changes nothing else", () => {
  const before = begin(room(), []);
  const after = fold([{ seq: 11, position: 111, type: "redacted" }], before);
  const versions = { ...before.room.versions, chat: 11 };
  assert.deepEqual(after.room, { ...before.room, seq: 11, versions });
});

test("a playback event replaces the whole motion and keeps the mode", () => {
  const motion = { item_id: "itm_b", position_ms: 0, anchor_ms: 60_000, rate_permille: 1_500, playing: false };
  const after = fold([event(11, "playback.item_selected", motion)]);
  assert.deepEqual(after.room.playback, { ...motion, duration_ms: null, mode: "sequential", hold: null });
});

test("a playback event that nobody knew yet is folded by its motion", () => {
  const motion = { item_id: "itm_a", position_ms: 7, anchor_ms: 8, rate_permille: 1_000, playing: false };
  assert.equal(fold([event(11, "playback.held", motion)]).room.playback.position_ms, 7);
});

test("a playback event without its motion asks for a new snapshot", () => {
  assert.equal(apply(begin(room(), []), event(11, "playback.seeked", { position_ms: 4 })).kind, "stale");
});

test("a check that ended with a start does not come back when its item is removed", () => {
  const ready = { started_by: ANA, deadline_ms: 9_000, members: [ANA], ready: [ANA], counting: true };
  const removed = event(11, "playlist.removed", { item_id: "itm_a" });
  assert.equal(fold([removed], begin(room({ ready }), [])).room.ready, null);
  assert.equal(fold([event(11, "playlist.cleared")], begin(room({ ready }), [])).room.ready, null);
  const open = { ...ready, counting: false };
  assert.deepEqual(fold([removed], begin(room({ ready: open }), [])).room.ready, open);
});

test("setting the mode leaves the motion alone", () => {
  const after = fold([event(11, "playback.mode_set", { mode: "shuffle" })]);
  assert.deepEqual(after.room.playback, { ...room().playback, mode: "shuffle" });
});

test("an item is added at the beginning or after another", () => {
  assert.deepEqual(ids(fold([event(11, "playlist.added", { item_id: "itm_c", after: null })])), ["itm_c", "itm_a", "itm_b"]);
  const after = fold([
    event(11, "playlist.added", { item_id: "itm_c", url: "https://media.test/c.mp4", after: "itm_b" }),
    event(12, "playlist.added", { item_id: "itm_d", url: "https://media.test/d.mp4", after: "itm_a" }, BEN),
  ]);
  assert.deepEqual(ids(after), ["itm_a", "itm_d", "itm_b", "itm_c"]);
  assert.equal(after.room.playlist[1]?.added_by, BEN);
});

test("an item moves to the front or after another", () => {
  assert.deepEqual(ids(fold([event(11, "playlist.moved", { item_id: "itm_b", after: null })])), ["itm_b", "itm_a"]);
  assert.deepEqual(ids(fold([event(11, "playlist.moved", { item_id: "itm_a", after: "itm_b" })])), ["itm_b", "itm_a"]);
});

test("the duration of the current item becomes the playback's", () => {
  const after = fold([event(11, "playlist.updated", { item_id: "itm_a", duration_ms: 31_000 })]);
  assert.equal(after.room.playback.duration_ms, 31_000);
  assert.deepEqual(after.room.playlist[0], item("itm_a", 31_000));
});

test("removing another item leaves the playback alone", () => {
  const after = fold([event(11, "playlist.removed", { item_id: "itm_b" })]);
  assert.deepEqual(after.room.playback, room().playback);
  assert.deepEqual(ids(after), ["itm_a"]);
});

test("removing the current item or all of them stops the playback", () => {
  for (const last of [event(11, "playlist.removed", { item_id: "itm_a" }), event(11, "playlist.cleared")]) {
    const stopped = { item_id: null, playing: false, position_ms: 0, anchor_ms: 0, duration_ms: null };
    assert.deepEqual(fold([last]).room.playback, { ...room().playback, ...stopped });
  }
});

test("members come, change their role and go", () => {
  const joined = fold([event(11, "member.joined", { member: BEN, display_name: "Ben", role: "member" }, BEN)]);
  assert.deepEqual(joined.room.members[1], {
    id: BEN,
    kind: "guest",
    display_name: "Ben",
    role: "member",
    joined_at: "2026-01-01T00:00:01Z",
  });
  const promoted = fold([event(12, "member.role_set", { member: BEN, role: "moderator" })], joined);
  assert.equal(promoted.room.members[1]?.role, "moderator");
  const kicked = fold([event(13, "member.kicked", { member: BEN })], promoted);
  assert.deepEqual(kicked.room.members.map(({ id }) => id), [ANA]);
});

test("who left keeps their name beside what they said", () => {
  const after = fold([
    event(11, "member.joined", { member: BEN, display_name: "Ben", role: "member" }, BEN),
    event(12, "chat.posted", { message_id: "msg_1", text: "hi" }, BEN),
    event(13, "member.left", {}, BEN),
  ]);
  assert.deepEqual(after.room.members.map(({ id }) => id), [ANA]);
  assert.equal(after.names[BEN], "Ben");
});

test("a settings event changes only what it carries", () => {
  const after = fold([event(11, "room.settings_updated", { name: "Films", control: "owner" })]);
  assert.equal(after.room.name, "Films");
  assert.deepEqual(after.room.settings, { ...room().settings, control: "owner" });
  assert.equal(after.room.visibility, "unlisted");
});

test("only the capabilities that an event names are switched", () => {
  const after = fold([event(11, "room.settings_updated", { capabilities: { chat: false } })]);
  assert.deepEqual(after.room.settings.capabilities, { chat: false, reactions: true });
});

test("a room closes and reopens", () => {
  const closed = fold([event(11, "room.closed")]);
  assert.equal(closed.room.closed, true);
  assert.equal(fold([event(12, "room.reopened")], closed).room.closed, false);
});

test("an erased name is null, not a failure", () => {
  const after = fold([
    event(11, "member.joined", { member: BEN, display_name: null, role: "member" }, BEN),
  ]);
  assert.equal(after.room.members[1]?.display_name, null);
});

test("the past before a snapshot gives the log, and nothing beyond it", () => {
  const past = [
    event(9, "chat.posted", { message_id: "msg_1", text: "before" }),
    event(10, "playback.paused", { item_id: "itm_b", playing: false }),
    event(11, "chat.posted", { message_id: "msg_2", text: "after" }),
  ];
  const state = begin(room(), past);
  assert.deepEqual(state.log.map(({ seq }) => seq), [9, 10]);
  assert.deepEqual(state.room, room());
});

test("what an event does not touch keeps its identity", () => {
  const before = begin(room(), []);
  const after = fold([event(11, "chat.posted", { message_id: "msg_1", text: "hi" })], before);
  assert.equal(after.room.playback, before.room.playback);
  assert.equal(after.room.playlist, before.room.playlist);
  assert.equal(after.room.members, before.room.members);
});

test("each event is the new version of what it touches", () => {
  const { versions } = room();
  for (const [type, data, touched] of [
    ["room.closed", {}, { settings: 11 }],
    ["member.left", {}, { members: 11 }],
    ["playback.mode_set", { mode: "shuffle" }, { playback: 11 }],
    ["chat.posted", {}, { chat: 11 }],
    ["playlist.moved", { item_id: "itm_b", after: null }, { playlist: 11 }],
    ["playlist.updated", { item_id: "itm_a", title: "A" }, { playlist: 11 }],
    ["playlist.updated", { item_id: "itm_b", duration_ms: 1 }, { playlist: 11 }],
    ["playlist.updated", { item_id: "itm_a", duration_ms: 1 }, { playlist: 11, playback: 11 }],
    ["playlist.removed", { item_id: "itm_b" }, { playlist: 11 }],
    ["playlist.removed", { item_id: "itm_a" }, { playlist: 11, playback: 11 }],
    ["playlist.cleared", {}, { playlist: 11, playback: 11 }],
    ["redacted", {}, { chat: 11 }],
  ] as const) {
    assert.deepEqual(fold([event(11, type, data)]).room.versions, { ...versions, ...touched }, type);
  }
});
