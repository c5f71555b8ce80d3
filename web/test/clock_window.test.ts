import assert from "node:assert/strict";
import { test } from "node:test";
import { ClockWindow } from "../src/sync/clock_window";

/** An exchange that began at `atMs` and took `rtt`; the way there took `there` of it. */
const exchange = (atMs: number, rtt: number, there = rtt / 2, ahead = 10_000) => {
  const t1 = atMs + there + ahead;
  return { t0: atMs, t1, t2: t1, t3: atMs + rtt };
};

test("without exchanges nothing is known", () => {
  const window = new ClockWindow();
  assert.deepEqual([window.size, window.offset, window.rtt], [0, null, null]);
});

test("the server's own share is no part of the round trip", () => {
  const window = new ClockWindow();
  window.add({ t0: 100, t1: 10_120, t2: 10_125, t3: 145 });
  assert.deepEqual([window.offset, window.rtt], [10_000, 40]);
});

test("the mean of the three quickest counts", () => {
  const window = new ClockWindow();
  for (const [rtt, there] of [[400, 390], [20, 4], [30, 18], [300, 20], [10, 8]] as const) {
    window.add(exchange(window.size * 1_000, rtt, there));
  }
  assert.equal(window.offset, 10_000 + (-6 + 3 + 3) / 3);
  assert.equal(window.rtt, 10);
});

test("eight are kept, and none beyond three minutes", () => {
  const window = new ClockWindow();
  window.add(exchange(0, 10));
  for (let i = 1; i <= 8; i += 1) window.add(exchange(i * 1_000, 100));
  assert.deepEqual([window.size, window.rtt], [8, 100]);
  window.add(exchange(186_500, 200));
  assert.deepEqual([window.size, window.rtt], [3, 100]);
});

test("an exchange that cannot be true together with the others replaces them", () => {
  const window = new ClockWindow();
  assert.equal(window.add(exchange(0, 40)), true);
  assert.equal(window.add(exchange(1_000, 40, 0)), true);
  assert.equal(window.add(exchange(2_000, 40, 20, 70_000)), false);
  assert.deepEqual([window.size, window.offset], [1, 70_000]);
});
