import assert from "node:assert/strict";
import { Follower } from "../../web/src/sync/follower";
import { evening } from "./evening";
import { DESKTOP } from "./media";
import { SimRoom } from "./room";
import { scenario } from "./scenario";
import { crowd, World } from "./world";

const NEAR_MS = 120;
const MINUTE_MS = 60_000;

const status = (world: World) => {
  const controller = world.clients[0]?.controller;
  assert.ok(controller instanceof Follower);
  return controller.status().kind;
};

/** Where an evening's people end up. */
async function anEvening(seed: number): Promise<number[]> {
  const world = crowd(seed, 4);
  await world.playing();
  await evening(world, ["pause", "seek", "set_rate"], () => undefined);
  return world.clients.map(({ media }) => media.positionMs);
}

scenario("09: a wall clock that is an hour wrong, and steps during play, changes nothing, because nobody asks it", async (seed) => {
  const expected = await anEvening(seed);
  const real = globalThis.Date;
  let asked = 0;
  const stepping = new Proxy(real, {
    get: (target, field) => {
      asked += 1;
      return field === "now" ? () => real.now() + asked * 3_600_000 : Reflect.get(target, field);
    },
    construct: (target) => {
      asked += 1;
      return new target(real.now() + asked * 3_600_000);
    },
  });
  try {
    globalThis.Date = stepping;
    assert.deepEqual(await anEvening(seed), expected);
  } finally {
    globalThis.Date = real;
  }
  assert.equal(asked, 0, "the wall clock was asked");
});

scenario("09: a machine that slept with its clock standing still comes back to the room", async (seed) => {
  const world = crowd(seed, 2);
  await world.playing();
  const [sleeper] = world.clients;
  sleeper?.clock.sleep(MINUTE_MS);
  sleeper?.media.freeze();
  const seeks = await world.seeksDuring(async () => {
    await world.pass(MINUTE_MS);
    sleeper?.media.thaw();
    await world.pass(20_000);
  });
  assert.deepEqual(seeks, [1, 0]);
  const skews = world.skews();
  assert.ok(skews.every((skew) => Math.abs(skew) <= NEAR_MS), `skews ${skews}`);
});

scenario("17: a player that takes two seconds to seek does not stutter", async (seed) => {
  const world = crowd(seed, 1, { build: { ...DESKTOP, seekMs: 2_000, seekSpread: 0.1 } });
  await world.playing();
  for (let jump = 1; jump <= 4; jump += 1) {
    const seeks = await world.seeksDuring(async () => {
      world.order({ type: "seek", position_ms: jump * 600_000 });
      await world.pass(MINUTE_MS);
    });
    // The first time it cannot know.
    assert.ok((seeks[0] ?? 0) <= (jump === 1 ? 2 : 1), `${seeks} seeks after jump ${jump}`);
    assert.ok(Math.abs(world.skews()[0] ?? NaN) <= NEAR_MS, `skew ${world.skews()}`);
  }
});

scenario("17: a connection too slow for the film is told so and left alone, until the room goes elsewhere", async (seed) => {
  const world = crowd(seed, 1);
  await world.playing();
  const [slow] = world.clients;
  const seeks = await world.seeksDuring(async () => {
    for (let i = 0; i < 100; i += 1) {
      slow?.media.stall(3_000);
      await world.pass(6_000);
    }
  });
  assert.ok((seeks[0] ?? 0) <= 3, `${seeks} seeks in ten minutes`);
  assert.equal(status(world), "cannot_keep_up");
  world.order({ type: "seek", position_ms: 60_000 });
  await world.pass(MINUTE_MS);
  assert.notEqual(status(world), "cannot_keep_up");
  assert.ok(Math.abs(world.skews()[0] ?? NaN) <= NEAR_MS, `skew ${world.skews()}`);
});

scenario("18: a page hidden for ten minutes, whose player stood still, is back by one seek", async (seed) => {
  const world = crowd(seed, 2);
  await world.playing();
  const [hidden] = world.clients;
  const away = await world.seeksDuring(async () => {
    hidden?.hide();
    hidden?.media.freeze();
    await world.pass(10 * MINUTE_MS);
  });
  assert.deepEqual(away, [0, 0]);
  const back = await world.seeksDuring(async () => {
    hidden?.media.thaw();
    hidden?.show();
    await world.pass(10_000);
  });
  assert.deepEqual(back, [1, 0]);
  assert.ok(world.skews().every((skew) => Math.abs(skew) <= NEAR_MS), `skews ${world.skews()}`);
});

scenario("18: a hidden page whose player went on is not sought at all", async (seed) => {
  const world = crowd(seed, 2);
  await world.playing();
  const seeks = await world.seeksDuring(async () => {
    world.clients[0]?.hide();
    await world.pass(10 * MINUTE_MS);
    world.clients[0]?.show();
    await world.pass(10_000);
  });
  assert.deepEqual(seeks, [0, 0]);
});

scenario("18: a hidden page that is a little behind is left alone, and corrected once when it is back", async (seed) => {
  const world = crowd(seed, 2);
  await world.playing();
  await world.pass(20_000);
  const [hidden] = world.clients;
  const before = hidden?.media.rates ?? 0;
  const away = await world.seeksDuring(async () => {
    hidden?.hide();
    hidden?.media.stall(800);
    await world.pass(5_000);
    world.order({ type: "set_rate", rate_permille: 1_250 });
    await world.pass(MINUTE_MS);
  });
  assert.deepEqual(away, [0, 0]);
  assert.equal((hidden?.media.rates ?? 0) - before, 1, "changes of the rate, one of them the room's");
  const back = await world.seeksDuring(async () => {
    hidden?.show();
    await world.pass(5_000);
  });
  assert.deepEqual(back, [1, 0]);
  assert.ok(world.skews().every((skew) => Math.abs(skew) <= NEAR_MS), `skews ${world.skews()}`);
});

scenario("20: who reconnects during play is with the room again within two seconds", async (seed) => {
  const world = crowd(seed, 2);
  await world.playing();
  const [lost] = world.clients;
  lost?.disconnect();
  await world.pass(5_000);
  world.order({ type: "seek", position_ms: 3_000_000 });
  await world.pass(15_000);
  lost?.connect(world.room);
  await world.pass(2_000);
  assert.ok(world.skews().every((skew) => Math.abs(skew) <= NEAR_MS), `skews ${world.skews()}`);
});

scenario("21: a server that restarts goes on from its log, and nobody notices", async (seed) => {
  const world = crowd(seed, 3);
  await world.playing(100_000);
  const expected = world.room.truthMs() + 5_000;
  for (const client of world.clients) client.disconnect();
  const log = world.room.log;
  await world.pass(5_000);
  world.room = new SimRoom(world.timeline, log);
  assert.ok(Math.abs(world.room.truthMs() - expected) <= 1, `at ${world.room.truthMs()}, not ${expected}`);
  const seeks = await world.seeksDuring(async () => {
    for (const client of world.clients) client.connect(world.room);
    await world.pass(10_000);
  });
  assert.deepEqual(seeks, [0, 0, 0]);
  assert.ok(world.skews().every((skew) => Math.abs(skew) <= NEAR_MS), `skews ${world.skews()}`);
});
