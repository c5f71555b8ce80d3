import assert from "node:assert/strict";
import { WEBKIT } from "../../web/src/sync/profile";
import { evening } from "./evening";
import { SAFARI } from "./media";
import { Measure } from "./measure";
import { scenario } from "./scenario";
import { crowd } from "./world";

const MINUTE_MS = 60_000;

scenario("19: a live stream is never sought, and comes back to its distance from the edge by its rate", async (seed) => {
  const world = crowd(seed, 3, { live: true });
  world.order({ type: "select", item_id: "itm_live", duration_ms: null });
  world.order({ type: "play" });
  await world.pass(20_000);
  const behindEdge = () => world.clients.map(({ media }) => world.timeline.nowMs - media.positionMs);
  const before = behindEdge();
  world.clients[0]?.media.stall(3_000);
  await world.pass(4_000);
  assert.ok((behindEdge()[0] ?? 0) - (before[0] ?? 0) > 2_000, "the stall changed nothing");
  world.order({ type: "seek", position_ms: 5_000 });
  await world.pass(2 * MINUTE_MS);
  const moved = behindEdge().map((distance, i) => distance - (before[i] ?? 0));
  assert.ok(moved.every((ms) => Math.abs(ms) <= 350), `moved from the edge by ${moved} ms`);
  assert.deepEqual(world.clients.map(({ media }) => media.seeks), [0, 0, 0]);
});

scenario("25: a player that stands still at every change of the rate does not oscillate", async (seed) => {
  const world = crowd(seed, 6, { build: SAFARI, profile: WEBKIT });
  const rates = () => world.clients.map(({ media }) => media.rates);
  await world.playing();
  let before = rates();
  await evening(world, ["pause", "seek", "seek"], (seeks) => {
    assert.ok(Math.max(...seeks) <= 1, `seeks ${seeks}`);
    // There and back, and once more at most.
    const changes = rates().map((count, i) => count - (before[i] ?? 0));
    assert.ok(Math.max(...changes) <= 4, `changes of the rate ${changes}`);
    before = rates();
  });
  if (!world.room.course.playing) world.order({ type: "play" });
  await world.pass(30_000);
  const measure = new Measure();
  measure.watch(world);
  before = rates();
  await world.pass(10 * MINUTE_MS);
  const changes = rates().map((count, i) => count - (before[i] ?? 0));
  assert.ok(Math.max(...changes) <= 4, `changes of the rate in ten minutes ${changes}`);
  assert.ok(measure.figures.p95 <= 250, JSON.stringify(measure.figures));
});
