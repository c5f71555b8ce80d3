import assert from "node:assert/strict";
import { test } from "node:test";
import { Follower } from "../../web/src/sync/follower";
import { WEBKIT } from "../../web/src/sync/profile";
import type { Kind, SimClient } from "./client";
import { DESKTOP, SAFARI } from "./media";
import { crowd, World } from "./world";

async function playing(size = 2, kind: Partial<Kind> = {}): Promise<{ world: World; client: SimClient; follower: Follower }> {
  const world = crowd(7, size, kind);
  await world.playing();
  const client = world.clients[0]!;
  assert.ok(client.controller instanceof Follower);
  return { world, client, follower: client.controller };
}

test("a start begins at its instant, not at the next look", async () => {
  const { world } = await playing(10);
  world.order({ type: "pause" });
  await world.pass(5_000);
  world.order({ type: "play" });
  await world.pass(300);
  const skews = world.skews().map(Math.round);
  assert.ok(skews.every((skew) => Math.abs(skew) <= 100), `skews ${skews}`);
});

test("the medium is where a start will be before the start", async () => {
  const { world, client } = await playing(1);
  world.order({ type: "pause" });
  await world.pass(5_000);
  world.order({ type: "seek", position_ms: 900_000 });
  await world.pass(1_000);
  assert.deepEqual([client.media.positionMs, client.media.paused], [900_000, true]);
});

test("a medium that goes its own way is left alone until it comes back, by one seek", async () => {
  const { world, client, follower } = await playing();
  follower.setFree(true);
  const away = await world.seeksDuring(async () => {
    world.order({ type: "seek", position_ms: 900_000 });
    client.media.pause();
    await world.pass(10_000);
  });
  assert.deepEqual([away, client.sent, follower.status().kind], [[0, 1], [], "free"]);
  const back = await world.seeksDuring(async () => {
    follower.setFree(false);
    await world.pass(10_000);
  });
  assert.deepEqual([back, follower.status().kind], [[1, 0], "in_sync"]);
});

test("a medium that goes its own way does so at the room's rate, also where a rate is held for a time", async () => {
  const { world, client, follower } = await playing(1, { build: SAFARI, profile: WEBKIT });
  client.media.stall(500);
  while (client.media.playbackRate === 1) await world.pass(50);
  follower.setFree(true);
  await world.pass(10_000);
  assert.equal(client.media.playbackRate, 1);
});

test("who asks for it is with the room by one seek, however near they were", async () => {
  const { world, follower } = await playing();
  const seeks = await world.seeksDuring(async () => {
    follower.syncNow();
    await world.pass(5_000);
  });
  assert.deepEqual(seeks, [1, 0]);
  assert.ok(Math.abs(world.skews()[0] ?? NaN) <= 60, `skews ${world.skews()}`);
});

test("a person who pauses just before the page looks is still heard", async () => {
  const { world, client } = await playing();
  for (let i = 0; i < 50; i += 1) {
    await world.pass(1_000 + i * 5);
    client.media.pause();
    await world.pass(2_000);
    void client.media.play();
    await world.pass(2_000);
  }
  assert.equal(client.sent.length, 100);
});

test("a medium that cannot be sought is never sent elsewhere, moves nobody, and is told of", async () => {
  const world = crowd(7, 2, { build: { ...DESKTOP, seekable: false } });
  await world.playing();
  const joiner = world.add({ build: { ...DESKTOP, seekable: false } });
  const before = world.room.log.length;
  await world.pass(60_000);
  assert.equal(world.room.log.length, before, "the room was moved");
  assert.deepEqual(world.clients.map(({ media, sent }) => [media.seeks, sent]), [[0, []], [0, []], [0, []]]);
  assert.ok(joiner.controller instanceof Follower);
  assert.equal(joiner.controller.status().kind, "cannot_keep_up");
  world.order({ type: "pause" });
  await world.pass(2_000);
  assert.deepEqual(world.clients.map(({ media }) => media.seeks), [0, 0, 0]);
});

test("a library that goes on beyond a hole is no person: the medium waits there for the room", async () => {
  const { world, client, follower } = await playing();
  const { media } = client;
  const seeks = await world.seeksDuring(async () => {
    media.currentTime += 2.2;
    follower.moved();
    await world.pass(10_000);
  });
  assert.deepEqual([seeks, client.sent, world.room.log.length], [[1, 0], [], 2]);
  assert.ok(Math.abs(world.skews()[0] ?? NaN) <= 120, `skews ${world.skews()}`);
});

test("the status tells what is going on", async () => {
  const { world, client, follower } = await playing();
  const kinds = [follower.status().kind];
  const later = async (ms: number): Promise<void> => {
    await world.pass(ms);
    kinds.push(follower.status().kind);
  };
  client.media.stall(600);
  await later(10);
  await later(1_500);
  world.order({ type: "pause" });
  await later(3_000);
  world.order({ type: "seek", position_ms: 900_000 });
  await later(140);
  assert.deepEqual(kinds, ["in_sync", "buffering", "catching_up", "paused", "seeking"]);
  const { skewMs, boundMs, bufferedMs, rate } = follower.status();
  assert.ok(skewMs !== null && boundMs !== null && boundMs < 125 && bufferedMs > 0 && rate === 1, JSON.stringify({ skewMs, boundMs, bufferedMs, rate }));
});
