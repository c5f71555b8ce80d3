import assert from "node:assert/strict";
import { test } from "node:test";
import { Following, type Arrival } from "../src/net/following";
import type { Place } from "../src/state/place";
import { event, room } from "./fixtures";
import { Time } from "./simulated";

/** A subscription to a room at seq 10, and what was asked and folded. */
function following(place: Place | null = null) {
  const time = new Time();
  const seen = { asked: [] as string[], folded: [] as number[], live: [] as Arrival[], refused: 0, place };
  const follows = new Following(
    {
      place: () => seen.place,
      snapshot: ({ epoch, seq }) => (seen.place = { epoch, seq }),
      event: ({ seq }) => {
        seen.folded.push(seq);
        if (seen.place !== null) seen.place = { ...seen.place, seq };
      },
      live: (arrival) => seen.live.push(arrival),
      refused: () => (seen.refused += 1),
      say: (message) => seen.asked.push((message as { subscribe: { from: string } }).subscribe.from),
    },
    time.later,
  );
  const hear = (...seqs: number[]) => seqs.forEach((seq) => follows.hear({ event: event(seq, "chat.posted") }));
  const beat = (seq: number, epoch = "e1") => follows.hear({ heartbeat: { epoch, seq, server_ms: 0 } });
  return { follows, seen, time, hear, beat };
}

/** The same, with a snapshot at seq 10. */
function live() {
  const made = following();
  made.follows.start();
  made.follows.hear({ snapshot: room() });
  return made;
}

test("the first subscription begins with a snapshot, later ones where the folding stopped", () => {
  const { follows, seen, hear } = live();
  assert.deepEqual([seen.asked, seen.live], [["snapshot"], [{ kind: "begun" }]]);
  hear(11, 12);
  follows.stop();
  follows.start();
  follows.hear({ resumed: { from: 12, to: 14 } });
  hear(13, 14);
  assert.deepEqual(seen.asked, ["snapshot", "e1:12"]);
  assert.deepEqual([seen.folded, seen.live[1]], [[11, 12, 13, 14], { kind: "resumed", missed: 2 }]);
});

test("an event twice is folded once", () => {
  const { seen, hear } = live();
  hear(11, 11, 10, 12);
  assert.deepEqual(seen.folded, [11, 12]);
});

test("a hole is asked for, and nothing is folded before the answer", () => {
  const { follows, seen, hear } = live();
  hear(11, 13, 14, 12);
  assert.deepEqual(seen.asked, ["snapshot", "e1:11"]);
  assert.deepEqual(seen.folded, [11]);
  follows.hear({ resumed: { from: 11, to: 14 } });
  hear(12, 13, 14);
  assert.deepEqual(seen.folded, [11, 12, 13, 14]);
});

test("a hole that stays is mended by a snapshot", () => {
  const { follows, seen, hear } = live();
  hear(12);
  follows.hear({ resumed: { from: 10, to: 12 } });
  hear(12);
  assert.deepEqual(seen.asked, ["snapshot", "e1:10", "snapshot"]);
  follows.hear({ snapshot: room({ seq: 12 }) });
  hear(13);
  assert.deepEqual(seen.folded, [13]);
});

test("a reset begins with a snapshot of the new epoch", () => {
  const { follows, seen, hear } = live();
  follows.hear({ reset: { reason: "epoch_changed", epoch: "e2", seq: 4 } });
  follows.hear({ snapshot: room({ epoch: "e2", seq: 4 }) });
  hear(5);
  assert.deepEqual([seen.asked, seen.place], [["snapshot", "snapshot"], { epoch: "e2", seq: 5 }]);
  assert.deepEqual(seen.live, [{ kind: "begun" }, { kind: "reloaded" }]);
});

test("what a resumption brings is counted from the place, not from where the server begins", () => {
  const { follows, seen } = live();
  follows.start();
  follows.hear({ resumed: { from: 7, to: 12 } });
  follows.start();
  follows.hear({ resumed: { from: 10, to: 10 } });
  assert.deepEqual(seen.live.slice(1), [{ kind: "resumed", missed: 2 }, { kind: "resumed", missed: 0 }]);
});

test("a head beyond ours is waited for, then asked for", async () => {
  const { seen, time, hear, beat } = live();
  beat(10);
  beat(12);
  hear(11);
  await time.pass(60_000);
  assert.deepEqual(seen.asked, ["snapshot"], "its events were on their way");
  beat(12);
  await time.pass(1_000);
  assert.deepEqual(seen.asked, ["snapshot"]);
  await time.pass(1_000);
  assert.deepEqual(seen.asked, ["snapshot", "e1:11"]);
});

test("a heartbeat of another epoch asks for a snapshot", () => {
  const { seen, beat } = live();
  beat(10, "e2");
  assert.deepEqual(seen.asked, ["snapshot", "snapshot"]);
});

test("a subscription that is refused or runs ahead is not live", () => {
  const refused = following({ epoch: "e1", seq: 10 });
  refused.follows.start();
  refused.follows.hear({ reply: { id: 0, problem: { status: 503 } } });
  assert.deepEqual([refused.seen.live, refused.seen.refused], [[], 1]);
  const ahead = following({ epoch: "e1", seq: 10 });
  ahead.follows.start();
  ahead.follows.hear({ resumed: { from: 12, to: 12 } });
  assert.deepEqual([ahead.seen.live, ahead.seen.asked], [[], ["e1:10", "snapshot"]]);
});
