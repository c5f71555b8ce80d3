import assert from "node:assert/strict";
import { test } from "node:test";
import { Latency } from "../src/sync/latency";
import { SeekPacer } from "../src/sync/seek_pacer";

/** When seeks are allowed between two instants, asked for four times a second. */
function taken(pacer: SeekPacer, fromMs: number, untilMs: number): number[] {
  const times: number[] = [];
  for (let now = fromMs; now <= untilMs; now += 250) if (pacer.take(now)) times.push(now);
  return times;
}

test("seeks that do not help come more rarely, and after the third no more", () => {
  const pacer = new SeekPacer();
  assert.deepEqual(taken(pacer, 0, 600_000), [0, 3_000, 9_000]);
  assert.equal(pacer.isSpent, true);
});

test("a jump of the room is a try of its own, and gives new ones", () => {
  const pacer = new SeekPacer();
  taken(pacer, 0, 60_000);
  pacer.jumped(100_000);
  assert.equal(pacer.isSpent, false);
  assert.deepEqual(taken(pacer, 100_000, 200_000), [112_000, 136_000]);
  pacer.jumped(300_000);
  assert.deepEqual(taken(pacer, 300_000, 400_000), [324_000, 348_000], "no pause is longer than 24 s");
});

test("who stays near the room for ten seconds may seek as at first", () => {
  const pacer = new SeekPacer();
  taken(pacer, 0, 60_000);
  pacer.near(18_000);
  assert.equal(pacer.isSpent, true);
  pacer.near(19_000);
  assert.deepEqual(taken(pacer, 19_000, 100_000), [19_000, 22_000, 28_000]);
});

test("what happened first replaces the guess, the rest is weighed", () => {
  const latency = new Latency(200, 100, 5_000);
  assert.deepEqual([latency.usualMs, latency.ampleMs], [200, 400]);
  latency.learn(2_000);
  assert.equal(latency.usualMs, 2_000);
  latency.learn(1_000);
  assert.equal(latency.usualMs, 1_600);
  assert.ok(latency.ampleMs > latency.usualMs);
});

test("the absurd is not learnt", () => {
  const latency = new Latency(200, 100, 5_000);
  latency.learn(60_000);
  assert.equal(latency.usualMs, 5_000);
  latency.learn(-300);
  assert.equal(latency.usualMs, 3_000);
});
