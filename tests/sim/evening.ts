import type { Random } from "./random";
import type { Order } from "./room";
import { FILM_MS, type World } from "./world";

export type Choice = "play" | "pause" | "seek" | "set_rate";

/** Brings an order about, however the room does that. */
export type Steer = (world: World, order: Order) => Promise<void>;

const atOnce: Steer = async (world, order) => world.order(order);

/** Twenty commands as people give them, each after a while. */
export async function evening(
  world: World,
  choices: readonly Choice[],
  each: (seeks: number[]) => void,
  steer: Steer = atOnce,
): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    const pauseMs = world.random.between(10_000, 30_000);
    each(
      await world.seeksDuring(async () => {
        await steer(world, next(world.random, choices, world.room.course.playing));
        await world.pass(pauseMs);
      }),
    );
  }
}

function next(random: Random, choices: readonly Choice[], playing: boolean): Order {
  const choice = playing ? random.pick(choices) : "play";
  if (choice === "seek") return { type: "seek", position_ms: Math.floor(random.between(0, FILM_MS / 2)) };
  if (choice === "set_rate") return { type: "set_rate", rate_permille: random.pick([500, 750, 1_000, 1_250, 1_500, 2_000]) };
  return { type: playing ? "pause" : "play" };
}
