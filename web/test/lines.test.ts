import assert from "node:assert/strict";
import { test } from "node:test";
import { foldChat } from "../src/state/reducer_chat";
import type { Message } from "../src/state/reducer_chat";
import type { RoomEvent } from "../src/state/types";
import { chatLines, type Line } from "../src/ui/chat_lines";
import { dayName } from "../src/ui/format";
import { ANA, BEN, event } from "./fixtures";

const CAT = "gst_01J00000000000000000000CAT";
const called: Record<string, string> = { [ANA]: "Ana", [BEN]: "Ben", [CAT]: "Cat", itm_a: "Film" };
const names = { person: (id: string) => called[id] ?? "someone", item: (id: string) => called[id] ?? "a video" };

function lines(events: RoomEvent[], more: { notes?: boolean; mark?: { after: number; count: number } } = {}): Line[] {
  const messages = events.reduce(foldChat, [] as readonly Message[]);
  return chatLines({ events, messages, names, mark: more.mark ?? null, notes: more.notes ?? true });
}

const texts = (all: Line[]) => all.flatMap((line) => (line.kind === "note" ? [line.text] : line.kind === "message" ? [line.message.text] : []));
const kinds = (all: Line[]) => all.map(({ kind }) => kind);
const post = (seq: number, text: string, actor = ANA) => event(seq, "chat.posted", { message_id: `msg_${seq}`, text }, actor);
const jump = (seq: number, position_ms: number, actor = ANA) => event(seq, "playback.seeked", { position_ms, item_id: "itm_a" }, actor);
const at = (told: RoomEvent, instant: string): RoomEvent => ({ ...told, at: instant });

test("each kind of event reads as a sentence", () => {
  const data: [string, Record<string, unknown>, string][] = [
    ["member.joined", { member: BEN, display_name: "Ben" }, "Ben joined"],
    ["member.left", { member: BEN }, "Ben left"],
    ["member.kicked", { member: BEN }, "Ana removed Ben from the room"],
    ["member.role_set", { member: BEN, role: "admin" }, "Ana made Ben an admin"],
    ["playlist.added", { item_id: "itm_a" }, "Ana added Film"],
    ["playlist.cleared", {}, "Ana cleared the playlist"],
    ["playback.seeked", { position_ms: 724_000 }, "Ana jumped to 12:04"],
    ["playback.played", { position_ms: 0 }, "Ana played at 0:00"],
    ["playback.rate_set", { rate_permille: 1250 }, "Ana changed the speed to 1.25×"],
    ["playback.held", { members: [BEN] }, "Waiting for Ben"],
    ["playback.released", { by: "ready", exempt: [] }, "Going on"],
    ["playback.released", { by: "deadline", exempt: [BEN] }, "Ben keeps stalling and is not waited for"],
    ["ready.started", { members: [ANA, BEN] }, "Ana asks who is ready"],
    ["ready.marked", { member: BEN, ready: true }, "Ben is ready"],
    ["room.settings_updated", { name: "Films" }, "Ana renamed the room to Films"],
  ];
  for (const [type, fields, sentence] of data) assert.deepEqual(texts(lines([event(1, type, fields)])), [sentence], type);
});

test("what the system did has no actor in it", () => {
  const next = { ...event(1, "playback.item_selected", { item_id: "itm_a" }), actor: { id: "system", kind: "system" as const } };
  assert.deepEqual(texts(lines([next])), ["Next: Film"]);
});

test("jumps of one person in a row are one line, until somebody else does or says something", () => {
  const events = [jump(1, 1_000), jump(2, 2_000), jump(3, 724_000), jump(4, 5_000, BEN), post(5, "hm"), jump(6, 6_000, BEN)];
  assert.deepEqual(texts(lines(events)), ["Ana jumped 3 times, last to 12:04", "Ben jumped to 0:05", "hm", "Ben jumped to 0:06"]);
});

test("playing and pausing in turns is one line", () => {
  const events = ["playback.played", "playback.paused", "playback.played"].map((type, index) => event(index, type, { position_ms: 1_000 }));
  assert.deepEqual(texts(lines(events)), ["Ana played and paused 3 times, last played at 0:01"]);
});

test("people who join one after the other share a line, each named once", () => {
  const events = [BEN, CAT, BEN].map((member, index) => event(index, "member.joined", { member }, member));
  assert.deepEqual(texts(lines(events)), ["Ben and Cat joined"]);
  assert.deepEqual(texts(lines([BEN, CAT].map((member, index) => event(index, "ready.marked", { member, ready: true }, member)))), [
    "Ben and Cat are ready",
  ]);
});

test("a line that grows keeps its key", () => {
  const keys = (all: Line[]) => all.map(({ key }) => key);
  assert.deepEqual(keys(lines([jump(1, 1_000), jump(2, 2_000)])), keys(lines([jump(1, 1_000)])));
});

test("without notes only what people say is left", () => {
  assert.deepEqual(texts(lines([jump(1, 1_000), post(2, "hi"), jump(3, 0)], { notes: false })), ["hi"]);
});

test("a length that was learned, and what cannot be seen, are no lines", () => {
  assert.deepEqual(lines([event(1, "playlist.updated", { item_id: "itm_a", duration_ms: 1 }), { seq: 2, position: 2, type: "redacted" }]), []);
});

test("a day is told where it begins", () => {
  const events = [
    at(post(1, "late"), "2026-01-01T12:00:00Z"),
    at(post(2, "later"), "2026-01-01T12:10:00Z"),
    at(jump(3, 0), "2026-01-03T12:00:00Z"),
    at(jump(4, 0), "2026-01-05T12:00:00Z"),
  ];
  assert.deepEqual(kinds(lines(events)), ["day", "message", "message", "day", "note", "day", "note"]);
  const now = new Date(2026, 0, 3, 9);
  assert.deepEqual([dayName(new Date(2026, 0, 3, 1).toISOString(), now), dayName(new Date(2026, 0, 2, 23).toISOString(), now)], ["Today", "Yesterday"]);
});

test("unread messages begin at a mark", () => {
  const all = lines([post(1, "old"), jump(2, 0), post(3, "new", BEN), post(4, "newer", BEN)], { mark: { after: 1, count: 2 } });
  assert.deepEqual(kinds(all), ["day", "message", "note", "unread", "message", "message"]);
});

test("a message that goes on with the one before it need not repeat the name", () => {
  const all = lines([
    post(1, "one"),
    post(2, "two"),
    post(3, "three", BEN),
    at(post(4, "four", BEN), "2026-01-01T00:09:00Z"),
  ]);
  assert.deepEqual(all.map((line) => line.kind === "message" && line.follows), [false, false, true, false, false]);
});

test("an answer carries what it answers, also after that was edited", () => {
  const answer = event(2, "chat.posted", { message_id: "msg_2", text: "yes", reply_to: "msg_1" }, BEN);
  const edited = event(3, "chat.edited", { message_id: "msg_1", text: "really?" });
  const last = lines([post(1, "realy?"), answer, edited]).at(-1);
  assert.equal(last?.kind === "message" && `${last.quotedAuthor}: ${last.quoted?.text}`, "Ana: really?");
  const alone = lines([answer]).at(-1);
  assert.equal(alone?.kind === "message" && alone.quoted, null);
});
