import assert from "node:assert/strict";
import { test } from "node:test";
import { correct, SeekPacer, type Media } from "../src/sync/control";

const media = (change: Partial<Media> = {}): Media => ({
  positionMs: 5_000,
  durationMs: 30_000,
  paused: false,
  busy: false,
  ...change,
});

test("an error of up to 300 ms is left alone", () => {
  assert.deepEqual(correct(media(), { positionMs: 5_300, running: true }), { seekToMs: null, set: null });
  assert.deepEqual(correct(media(), { positionMs: 4_700, running: true }), { seekToMs: null, set: null });
});

test("a larger error is one seek to where the room is", () => {
  assert.equal(correct(media(), { positionMs: 5_301, running: true }).seekToMs, 5_301);
  assert.equal(correct(media(), { positionMs: 4_699, running: true }).seekToMs, 4_699);
});

test("a busy video is not sought again, but is still paused", () => {
  const want = { positionMs: 20_000, running: false };
  assert.deepEqual(correct(media({ busy: true }), want), { seekToMs: null, set: "pause" });
});

test("the video starts and stops with the room", () => {
  assert.equal(correct(media({ paused: true }), { positionMs: 5_000, running: true }).set, "play");
  assert.equal(correct(media({ paused: true }), { positionMs: 5_000, running: false }).set, null);
});

test("a video at its end is not started over", () => {
  const ended = media({ positionMs: 30_000, paused: true });
  assert.deepEqual(correct(ended, { positionMs: 99_000, running: true }), { seekToMs: null, set: null });
});

test("a media without a known end is followed all the same", () => {
  assert.equal(correct(media({ durationMs: null }), { positionMs: 99_000, running: true }).seekToMs, 99_000);
});

test("seeks that do not help come ever more rarely, up to a limit", () => {
  const pacer = new SeekPacer();
  const taken: number[] = [];
  for (let now = 0; now <= 60_000; now += 250) if (pacer.take(now)) taken.push(now);
  assert.deepEqual(taken, [0, 1_000, 3_000, 7_000, 15_000, 31_000, 47_000]);
});

test("a jump of the room may be followed at once", () => {
  const pacer = new SeekPacer();
  pacer.take(0);
  assert.equal(pacer.take(10), false);
  pacer.reset();
  assert.equal(pacer.take(20), true);
});
