import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerClock } from "../src/sync/clock";
import { settled, Time } from "./simulated";

const AHEAD_MS = 7_000;

/** A clock whose server is 7 s in front, over round trips of the given lengths; null is never answered. */
function simulated(trips: (number | null)[], thereShare = 0.5) {
  const time = new Time();
  const world = { asked: [] as number[], slept: 0, ahead: AHEAD_MS };
  const ask = async (): Promise<{ t1: number; t2: number }> => {
    const trip = trips[world.asked.length % trips.length] ?? null;
    world.asked.push(time.now);
    if (trip === null) return new Promise(() => undefined);
    await new Promise<void>((done) => time.later(trip * thereShare, done));
    const t1 = time.now + world.ahead;
    await new Promise<void>((done) => time.later(trip * (1 - thereShare), done));
    return { t1, t2: t1 };
  };
  const clock = new ServerClock(ask, { monotonic: () => time.now - world.slept, later: time.later, random: () => 0.5 });
  const error = () => (clock.now() ?? NaN) - (time.now + world.ahead);
  return { clock, time, world, error };
}

test("the clock is unknown until it was measured", async () => {
  const { clock, time, error } = simulated([40]);
  assert.deepEqual([clock.now(), clock.boundMs], [null, null]);
  clock.start();
  await time.pass(41);
  assert.deepEqual([error(), clock.boundMs, clock.rttMs], [0, 20, 40]);
});

test("it measures five times at once, then every ten seconds", async () => {
  const { clock, time, world } = simulated([40]);
  clock.start();
  await time.pass(25_000);
  assert.deepEqual(world.asked, [0, 250, 500, 750, 1_000, 11_000, 21_000]);
});

test("a refresh measures five times again", async () => {
  const { clock, time, world } = simulated([40]);
  clock.start();
  await time.pass(5_000);
  clock.refresh();
  await time.pass(2_000);
  assert.deepEqual(world.asked.slice(5), [5_000, 5_250, 5_500, 5_750, 6_000]);
});

test("an exchange that is never answered keeps nobody waiting", async () => {
  const { clock, time, world, error } = simulated([null, 60]);
  clock.start();
  await time.pass(400);
  assert.equal(error(), 0);
  assert.equal(world.asked.length, 2);
});

test("without any answer it asks again soon", async () => {
  const { clock, time, world } = simulated([null]);
  clock.start();
  await time.pass(3_100);
  assert.deepEqual(world.asked.slice(4), [1_000, 2_000, 3_000]);
});

test("it errs by no more than the bound, whatever way the delay went", async () => {
  for (const share of [0, 0.1, 0.9, 1]) {
    const { clock, time, error } = simulated([400, 90, 20, 300, 250, 500, 24, 22], share);
    clock.start();
    await time.pass(60_000);
    assert.ok(Math.abs(error()) <= (clock.boundMs ?? 0) + 1.1, `share ${share}: off by ${error()} ms`);
  }
});

test("a machine that slept is noticed by the next exchange, and the time steps", async () => {
  const { clock, time, world, error } = simulated([40]);
  clock.start();
  await time.pass(30_000);
  world.slept += 60_000;
  assert.equal(error(), -60_000);
  await time.pass(12_100);
  assert.equal(error(), 0);
});

test("a timer that comes too late has it measured anew", async () => {
  const { clock, time, world } = simulated([40]);
  clock.start();
  await time.pass(4_500);
  // As a local clock sees it that goes on while timers stand still.
  world.slept -= 5_000;
  await time.pass(1_000);
  await settled();
  assert.ok(world.asked.length > 5, `asked ${world.asked.length} times`);
});

test("small corrections come slowly, so that no player has to jump after them", async () => {
  const { clock, time, world } = simulated([200, 200, 200, 200, 200, 160, 160, 160], 0.5);
  clock.start();
  await time.pass(9_000);
  world.ahead += 30;
  let last = (clock.now() ?? NaN) - time.now;
  for (let i = 0; i < 300; i += 1) {
    await time.pass(100);
    const offset = (clock.now() ?? NaN) - time.now;
    assert.ok(Math.abs(offset - last) <= 0.5 + 1e-9, `moved by ${offset - last} ms in 100 ms`);
    last = offset;
  }
  assert.ok(last > AHEAD_MS, "it moved at all");
});
