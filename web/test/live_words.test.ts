import assert from "node:assert/strict";
import { test } from "node:test";
import { behindMs, inSeconds } from "../src/live/delay";
import { endingOf } from "../src/live/ending";
import { ffmpegLine, streamKey } from "../src/live/publishing";
import { Problem } from "../src/net/problem";
import { foldRoom } from "../src/state/reducer_room";
import type { LiveEnd, Room } from "../src/state/types";
import { live } from "../src/strings/live";
import { eventWords } from "../src/ui/event_words";
import { textOf } from "../src/ui/problem_text";
import { changes } from "../src/ui/room_facts";
import { ANA, BEN, event, room } from "./fixtures";

const names: Record<string, string> = { [ANA]: "Ana", [BEN]: "Ben" };
const called = { person: (id: string) => names[id] ?? "someone", item: (id: string) => id };
const server = { id: "system", kind: "system" as const };
const REASONS: readonly LiveEnd[] = [
  "finished", "disconnected", "silent", "malformed", "replaced", "asked", "key_revoked", "not_allowed", "room_closed", "node_gone",
];

const until = (endS: number) => ({ length: 1, start: () => 0, end: () => endS });

test("how far behind live one is counts to the newest that is there", () => {
  assert.equal(behindMs(10, until(10.4)), 400);
  assert.equal(behindMs(10, { length: 2, start: () => 0, end: (index) => [3, 12][index] ?? 0 }), 2_000);
  assert.equal(behindMs(10, until(9)), 0, "nobody is ahead of live");
  assert.equal(behindMs(10, { length: 0, start: () => 0, end: () => 0 }), null);
});

test("the delay is told in seconds, with tenths while they mean something", () => {
  assert.deepEqual([0, 400, 449, 9_940, 9_950, 61_200].map(inSeconds), ["0.0", "0.4", "0.4", "9.9", "10", "61"]);
  assert.equal(live.behind(inSeconds(400)), "0.4 s behind live");
});

test("each live event reads as a sentence", () => {
  const words = (type: string, data: Record<string, unknown>, actor = ANA) => eventWords(event(1, type, data, actor), called);
  assert.equal(words("live.started", { by: BEN, key_id: "lky_a" }), "Ben is live");
  assert.equal(words("live.key_revoked", { key_id: "lky_a" }), "Ana revoked a stream key");
  assert.match(words("live.key_created", { key_id: "lky_a", expires_at: "2031-05-06T12:00:00Z" }), /^Ana made a stream key good until .*6/);
  assert.equal(words("live.stopped", { reason: "asked" }), "Ana stopped the live stream");
  assert.equal(eventWords({ ...event(1, "live.stopped", { reason: "finished" }), actor: server }, called), "The live stream is over");
  const why = REASONS.map((reason) => eventWords({ ...event(1, "live.stopped", { reason }), actor: server }, called));
  assert.equal(new Set(why).size, REASONS.length - 1, `only what is finished and what nobody in particular stopped read alike: ${why.join(" | ")}`);
});

test("the end of a stream is told by the event that ended it, and not by an earlier one", () => {
  const stopped = (seq: number, reason: string) => event(seq, "live.stopped", { reason }, BEN);
  const end = (...log: ReturnType<typeof event>[]) => endingOf({ log, names }, 20);
  assert.deepEqual(end(stopped(19, "silent"), stopped(25, "asked")), { words: "Ben stopped the live stream.", passing: false });
  assert.deepEqual(end(stopped(25, "replaced")), { words: live.again, passing: true });
  assert.match(end(stopped(25, "node_gone")).words, /^The live stream is over: the server that had it is gone\.$/);
  for (const known of [end(), end(stopped(19, "silent")), end(stopped(25, "something_new"))]) {
    assert.deepEqual(known, { words: "The live stream is over.", passing: false });
  }
});

test("what live events change in a room is told in the timeline", () => {
  const changed = (before: Room, type: string, data: Record<string, unknown>) => {
    const after = foldRoom(before, event(11, type, data));
    assert.ok(after !== null);
    return changes(before, after, 50_000).map(({ label, before: old, after: now }) => `${label}: ${old} → ${now}`);
  };
  assert.deepEqual(changed(room(), "live.started", { by: ANA, key_id: "lky_a" }), ["Live: nobody → Ana"]);
  assert.deepEqual(changed(room(), "live.key_created", { key_id: "lky_a", expires_at: "2031-05-06T12:00:00Z" }), ["Room: null → Stream key of Ana"]);
});

test("what goes into the fields of a program is as the server takes it", () => {
  assert.equal(streamKey("room_1", "synctv_live_x"), "room_1?key=synctv_live_x");
  assert.match(ffmpegLine("rtmp://host:1935/live", "room_1?key=k"), / -f flv 'rtmp:\/\/host:1935\/live\/room_1\?key=k'$/);
});

test("refusals about live streams are told for people", () => {
  for (const [status, code] of [[404, "live_key_not_found"], [409, "already_live"], [404, "not_live"], [503, "live_elsewhere"]] as const) {
    const words = textOf(Problem.from(status, { code, detail: "raw", by: BEN }));
    assert.doesNotMatch(words, /raw/, code);
    assert.match(words, /\.$/, code);
  }
});
