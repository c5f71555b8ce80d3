import assert from "node:assert/strict";
import { test } from "node:test";
import { evening } from "./evening";
import { Measure } from "./measure";
import { seeds } from "./seeds";
import { crowd } from "./world";

const STEADY_MS = 600_000;
/** Ten people are few: what one room shows is much by chance. */
const ROOMS = 3;

for (const seed of seeds()) {
  test(`ten people and twenty commands: small distances, and a command seeks at most once (seed ${seed})`, async () => {
    const measure = new Measure();
    for (let room = 0; room < ROOMS; room += 1) {
      const world = crowd(seed + room, 10);
      await world.playing();
      measure.watch(world);
      await evening(world, ["pause", "seek", "seek", "set_rate"], (seeks) =>
        assert.ok(Math.max(...seeks) <= 1, `seed ${seed}: seeks ${seeks} after ${JSON.stringify(world.room.course)}`),
      );
    }
    const { p50, p95, p99 } = measure.figures;
    assert.ok(p50 <= 20 && p95 <= 60 && p99 <= 120, `seed ${seed}: ${JSON.stringify(measure.figures)}`);
  });

  test(`ten steady minutes: no seek, and small distances (seed ${seed})`, async () => {
    const measure = new Measure();
    const world = crowd(seed, 10);
    await world.playing();
    measure.watch(world);
    const seeks = await world.seeksDuring(() => world.pass(STEADY_MS));
    assert.deepEqual(seeks, seeks.map(() => 0), `seed ${seed}`);
    const { p95, p99 } = measure.figures;
    assert.ok(p95 <= 60 && p99 <= 120, `seed ${seed}: ${JSON.stringify(measure.figures)}`);
  });
}
