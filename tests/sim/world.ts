import { ORDINARY, SimClient, type Kind } from "./client";
import { Random } from "./random";
import { SimRoom, type Lead, type Order } from "./room";
import { Timeline } from "./timeline";

export const FILM_MS = 7_200_000;

/** A room with people in it, and a network between them. */
export class World {
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly clients: SimClient[] = [];
  room: SimRoom;

  constructor(
    readonly seed: number,
    lead?: Lead,
  ) {
    this.random = new Random(seed);
    this.room = new SimRoom(this.timeline, [], lead);
  }

  add(kind: Partial<Kind> = {}): SimClient {
    const client = new SimClient(this.timeline, this.random.fork(), { ...ORDINARY, ...kind });
    this.clients.push(client);
    client.join(this.room);
    return client;
  }

  pass(ms: number): Promise<void> {
    return this.timeline.run(this.timeline.nowMs + ms);
  }

  order(order: Order): void {
    this.room.order(order);
  }

  /** A film plays, and everybody has settled. */
  async playing(positionMs = 0): Promise<void> {
    this.order({ type: "select", item_id: "itm_film", duration_ms: FILM_MS, position_ms: positionMs });
    await this.pass(3_000);
    this.order({ type: "play" });
    await this.pass(10_000);
  }

  /** How far the medium of each is from where the room is; ahead is positive. */
  skews(): number[] {
    return this.clients.map(({ media }) => media.positionMs - this.room.truthMs());
  }

  /** How often each was sent elsewhere meanwhile. */
  async seeksDuring(what: () => Promise<void>): Promise<number[]> {
    const before = this.clients.map(({ media }) => media.seeks);
    await what();
    return this.clients.map(({ media }, i) => media.seeks - (before[i] ?? 0));
  }
}

export function crowd(seed: number, size: number, kind: Partial<Kind> = {}, lead?: Lead): World {
  const world = new World(seed, lead);
  for (let i = 0; i < size; i += 1) world.add(kind);
  return world;
}
