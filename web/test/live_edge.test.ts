import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveEdge } from "../src/sync/live_edge";
import type { MediaElement } from "../src/sync/media_element";

/** A stream of which this much is there. */
const stream = (currentMs: number, endMs: number) =>
  ({ currentTime: currentMs / 1000, buffered: { length: 1, start: () => 0, end: () => endMs / 1000 } }) as unknown as MediaElement;

/** One whose buffer was filled long ago. */
function filled(): LiveEdge {
  const edge = new LiveEdge();
  edge.behindMs(stream(77_000, 80_000), -20_000);
  return edge;
}

test("while a player fills its buffer it is nowhere yet", () => {
  const edge = new LiveEdge();
  for (const [nowMs, endMs] of [[0, 4_000], [1_000, 12_000], [9_000, 20_000]] as const) {
    assert.equal(edge.behindMs(stream(nowMs, endMs), nowMs), 0);
  }
  assert.ok(edge.behindMs(stream(9_000, 22_000), 11_000) > 1_000);
});

test("the place is the distance then, and segments that come in bursts do not move it", () => {
  const edge = filled();
  assert.equal(edge.behindMs(stream(97_000, 100_000), 0), 0);
  for (const [nowMs, endMs] of [[500, 100_000], [1_999, 100_000], [2_000, 102_000], [3_000, 102_000]] as const) {
    const behind = edge.behindMs(stream(97_000 + nowMs, endMs), nowMs);
    assert.ok(Math.abs(behind) <= 10, `${behind} ms behind at ${nowMs}`);
  }
});

test("who stood still is behind", () => {
  const edge = filled();
  edge.behindMs(stream(97_000, 100_000), 0);
  const behind = edge.behindMs(stream(97_000, 104_000), 4_000);
  assert.ok(Math.abs(behind - 4_000) <= 20, `${behind} ms behind`);
});

test("nobody has to be nearer than a second", () => {
  const edge = filled();
  assert.equal(edge.behindMs(stream(99_900, 100_000), 0), -900);
});
