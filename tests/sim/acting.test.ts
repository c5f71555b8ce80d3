import assert from "node:assert/strict";
import { test } from "node:test";
import { seeds } from "./seeds";
import type { SimClient } from "./client";
import type { Order } from "./room";
import { crowd, type World } from "./world";

/** 95 of 100 messages take no longer one way; a lost packet belongs to the others. */
const ONE_WAY_MS = 125;
const TURNS = 10;
const STEP_MS = 5;
const LONGEST_MS = 2_000;

/** How long each takes from the command until it does as it says. */
async function acting(world: World, order: Order, acts: (client: SimClient) => boolean): Promise<number[]> {
  const took = new Map<SimClient, number>();
  world.order(order);
  for (let ms = 0; ms <= LONGEST_MS && took.size < world.clients.length; ms += STEP_MS) {
    for (const client of world.clients) if (!took.has(client) && acts(client)) took.set(client, ms);
    await world.pass(STEP_MS);
  }
  await world.pass(8_000);
  return world.clients.map((client) => took.get(client) ?? Infinity);
}

function p95(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? NaN;
}

for (const seed of seeds()) {
  test(`a pause stops all, and a start moves all, soon after they can have heard of it (seed ${seed})`, async () => {
    const world = crowd(seed, 10);
    await world.playing();
    const [stops, starts, jumps]: [number[], number[], number[]] = [[], [], []];
    for (let turn = 1; turn <= TURNS; turn += 1) {
      stops.push(...(await acting(world, { type: "pause" }, ({ media }) => media.paused)));
      starts.push(...(await acting(world, { type: "play" }, ({ media }) => media.isMoving)));
      const to = turn * 300_000;
      jumps.push(...(await acting(world, { type: "seek", position_ms: to }, ({ media }) => Math.abs(media.positionMs - to) < 5_000)));
    }
    const found = { stops: p95(stops), starts: p95(starts), jumps: p95(jumps) };
    const within = { stops: ONE_WAY_MS + 50, starts: ONE_WAY_MS + 150, jumps: ONE_WAY_MS + 150 };
    for (const key of ["stops", "starts", "jumps"] as const) {
      assert.ok(found[key] <= within[key], `SYNCTV_TEST_SEED=${seed}: ${JSON.stringify(found)} of ${JSON.stringify(within)} ms`);
    }
  });
}
