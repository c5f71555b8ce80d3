import assert from "node:assert/strict";
import { test } from "node:test";
import { estimate, ServerClock } from "../src/sync/clock";

test("without samples there is no estimate", () => {
  assert.equal(estimate([]), null);
});

test("a symmetric exchange gives the exact offset", () => {
  assert.deepEqual(estimate([{ t0: 100, t1: 10_120, t2: 10_125, t3: 145 }]), { offset: 10_000, rtt: 40 });
});

test("the sample with the shortest round trip wins", () => {
  const slow = { t0: 0, t1: 5_400, t2: 5_400, t3: 420 };
  const quick = { t0: 500, t1: 5_510, t2: 5_510, t3: 520 };
  assert.deepEqual(estimate([slow, quick, slow]), { offset: 5_000, rtt: 20 });
});

/** A clock whose server is `ahead` ms in front, over round trips of the given lengths. */
function simulated(ahead: number, trips: (number | null)[]) {
  const world = { local: 1_000, calls: 0 };
  const clock = new ServerClock(
    async () => {
      const trip = trips[world.calls % trips.length] ?? null;
      world.calls += 1;
      if (trip === null) throw new Error("lost");
      // All of the trip but the last tenth is on the way there: the worst for the estimate.
      world.local += trip * 0.9;
      const t1 = world.local + ahead;
      world.local += trip * 0.1;
      return { t1, t2: t1 };
    },
    () => world.local,
  );
  return { clock, world };
}

test("the clock is unknown until it was measured", async () => {
  const { clock } = simulated(7_000, [10]);
  assert.equal(clock.now(), null);
  await clock.measure();
  assert.notEqual(clock.now(), null);
});

test("a measurement takes five samples and errs by at most half the shortest round trip", async () => {
  const { clock, world } = simulated(7_000, [400, 90, 20, 300, 250]);
  await clock.measure();
  assert.equal(world.calls, 5);
  const error = Math.abs((clock.now() ?? 0) - (world.local + 7_000));
  assert.ok(error <= 10, `off by ${error} ms`);
});

test("lost samples are left out, and a lost round keeps the old estimate", async () => {
  const trips: (number | null)[] = [null, null, 30, null, null];
  const { clock } = simulated(7_000, trips);
  await clock.measure();
  const before = clock.estimate;
  assert.equal(Math.round(before?.rtt ?? -1), 30);
  trips.fill(null);
  await clock.measure();
  assert.deepEqual(clock.estimate, before);
});

test("the time goes on with the local monotonic clock", async () => {
  const { clock, world } = simulated(7_000, [0]);
  await clock.measure();
  const before = clock.now() ?? NaN;
  world.local += 1_234;
  assert.equal(clock.now(), before + 1_234);
});
