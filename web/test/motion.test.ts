import assert from "node:assert/strict";
import { test } from "node:test";
import { isJump, isRunning, positionAt, type Course } from "../src/sync/motion";
import vectors from "../../tests/golden/motion.json";
import type { Motion } from "../src/state/types";

const motion = (change: Partial<Motion> = {}): Motion => ({
  item_id: "itm_a",
  position_ms: 1_000,
  anchor_ms: 50_000,
  rate_permille: 1_000,
  playing: true,
  ...change,
});

test("a playing motion advances with the server's time", () => {
  assert.equal(positionAt(motion(), 52_500, null), 3_500);
});

test("the rate scales the time that passed", () => {
  assert.equal(positionAt(motion({ rate_permille: 1_500 }), 52_000, null), 4_000);
  assert.equal(positionAt(motion({ rate_permille: 250 }), 52_000, null), 1_500);
});

test("a paused motion stays", () => {
  assert.equal(positionAt(motion({ playing: false }), 99_000, null), 1_000);
});

test("a scheduled start waits for its anchor", () => {
  assert.equal(positionAt(motion(), 49_000, null), 1_000);
  assert.equal(isRunning(motion(), 49_999), false);
  assert.equal(isRunning(motion(), 50_000), true);
  assert.equal(isRunning(motion({ playing: false }), 60_000), false);
});

test("the position ends with the media", () => {
  assert.equal(positionAt(motion(), 90_000, 30_000), 30_000);
});

interface Vector extends Course {
  now_ms: number;
  expected_ms: number;
}

test("positions are those of the vectors that the server is held to", () => {
  assert.ok(vectors.length >= 200, `only ${vectors.length} vectors`);
  for (const vector of vectors as Vector[]) {
    const position = positionAt(vector, vector.now_ms, vector.duration_ms);
    assert.equal(position, vector.expected_ms, JSON.stringify(vector));
  }
});

test("a motion that goes on where the one before was is no jump", () => {
  const before: Course = { ...motion(), duration_ms: null };
  const then = { ...before, anchor_ms: 52_000, position_ms: 3_000 };
  assert.equal(isJump(before, { ...then, rate_permille: 1_500 }), false);
  assert.equal(isJump(before, { ...then, playing: false }), false);
  assert.equal(isJump(null, then), false);
});

test("a motion elsewhere is a jump, but not another item", () => {
  const before: Course = { ...motion(), duration_ms: null };
  const then = { ...before, anchor_ms: 52_000, position_ms: 9_000 };
  assert.equal(isJump(before, then), true);
  assert.equal(isJump(before, { ...then, playing: false }), true);
  assert.equal(isJump(before, { ...then, item_id: "itm_b" }), false);
});
