import assert from "node:assert/strict";
import { ORDINARY } from "./client";
import { evening } from "./evening";
import { scenario } from "./scenario";
import { crowd, FILM_MS, type World } from "./world";

/** What the eye does not see any more, and what 25 frames a second show at once. */
const NEAR_MS = 120;
const FRAME_MS = 40;

function near(world: World, withinMs = NEAR_MS): void {
  const skews = world.skews().map(Math.round);
  assert.ok(skews.every((skew) => Math.abs(skew) <= withinMs), `skews ${skews}`);
}

scenario("01: somebody ten seconds behind never moves the room", async (seed) => {
  const world = crowd(seed, 4);
  await world.playing();
  const before = world.room.log.length;
  const [laggard] = world.clients;
  const seeks = await world.seeksDuring(async () => {
    laggard?.media.stall(10_000);
    await world.pass(9_900);
    const [behind = 0, ...others] = world.skews();
    assert.ok(behind < -9_000, `only ${-behind} ms behind`);
    assert.ok(others.every((skew) => Math.abs(skew) <= NEAR_MS), `skews of the others ${others}`);
    await world.pass(10_000);
  });
  assert.equal(world.room.log.length, before, "the room was moved");
  assert.deepEqual(seeks, [1, 0, 0, 0]);
  near(world);
});

scenario("02: somebody who joins during play neither seeks nor pauses the others", async (seed) => {
  const world = crowd(seed, 3);
  await world.playing();
  const before = world.room.log.length;
  const seeks = await world.seeksDuring(async () => {
    world.add();
    for (let i = 0; i < 100; i += 1) {
      await world.pass(100);
      assert.ok(world.clients.slice(0, 3).every(({ media }) => !media.paused && !media.seeking), "somebody stands still");
    }
  });
  assert.equal(world.room.log.length, before, "the room was moved");
  assert.deepEqual(seeks.slice(0, 3), [0, 0, 0]);
  assert.equal(seeks[3], 1, "seeks of who joined");
  near(world);
});

scenario("07: a change of the rate keeps the position continuous", async (seed) => {
  // Heard of late, a change is a distance that may have to be sought.
  const world = crowd(seed, 4, { down: { ...ORDINARY.down, loss: 0 } });
  await world.playing();
  const places = () => world.clients.map(({ media }) => media.positionMs);
  for (const rate_permille of [2_000, 500, 1_250, 250, 4_000, 1_000]) {
    let last = places();
    const truth = world.room.truthMs();
    world.order({ type: "set_rate", rate_permille });
    assert.ok(Math.abs(world.room.truthMs() - truth) <= 1, "the room jumped");
    for (let i = 0; i < 500; i += 1) {
      await world.pass(20);
      const now = places();
      const steps = now.map((place, k) => place - (last[k] ?? 0));
      assert.ok(steps.every((step) => step >= 0 && step <= 20 * 4 * 1.11), `steps ${steps} at ${rate_permille}`);
      last = now;
    }
  }
  await world.pass(20_000);
  assert.deepEqual(world.clients.map(({ media }) => media.seeks), [0, 0, 0, 0]);
  near(world);
});

scenario("08: what the page did to its player is never sent as a command", async (seed) => {
  const world = crowd(seed, 6);
  await world.playing();
  await evening(world, ["pause", "seek", "set_rate"], () => {
    world.random.pick(world.clients).media.stall(3_000);
    const away = world.random.pick(world.clients);
    away.disconnect();
    away.connect(world.room);
  });
  assert.deepEqual(world.clients.map(({ sent }) => sent), world.clients.map(() => []));
});

scenario("08: what a person did to the player is sent once, and followed by the others", async (seed) => {
  const world = crowd(seed, 3);
  await world.playing();
  const { media, sent } = world.clients[0]!;
  media.currentTime = 1_000;
  await world.pass(5_000);
  assert.deepEqual(sent, [{ type: "seek", position_ms: 1_000_000 }]);
  media.pause();
  await world.pass(5_000);
  void media.play();
  await world.pass(10_000);
  assert.deepEqual(sent.map(({ type }) => type), ["seek", "pause", "play"]);
  near(world);
});

scenario("13: a pause leaves everybody on the same frame", async (seed) => {
  const world = crowd(seed, 10);
  await world.playing();
  for (let i = 0; i < 5; i += 1) {
    const seeks = await world.seeksDuring(async () => {
      world.order({ type: "pause" });
      await world.pass(5_000);
    });
    assert.ok(Math.max(...seeks) <= 1, `seeks ${seeks}`);
    const frames = world.clients.map(({ media }) => Math.floor(media.positionMs / FRAME_MS));
    assert.ok(Math.max(...frames) - Math.min(...frames) <= 1, `frames ${frames}`);
    near(world, FRAME_MS);
    world.order({ type: "play" });
    await world.pass(10_000);
  }
});

scenario("16: the first second of an item is not skipped", async (seed) => {
  const world = crowd(seed, 5);
  await world.playing();
  const seeks = await world.seeksDuring(async () => {
    world.order({ type: "select", item_id: "itm_next", duration_ms: FILM_MS });
    await world.pass(15_000);
  });
  assert.deepEqual(seeks, [0, 0, 0, 0, 0]);
  near(world);
});
