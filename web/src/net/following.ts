import { afterwards, type Later } from "./later";
import type { Message } from "./message";
import { cursor, type Place } from "../state/place";
import type { Room, RoomEvent } from "../state/types";

/** How a subscription came to stand: by the first snapshot, after what was missed, or by a snapshot over what was known. */
export type Arrival = { kind: "begun" } | { kind: "resumed"; missed: number } | { kind: "reloaded" };

export interface FollowingHandlers {
  /** How far the log has been folded; null before the first snapshot. */
  place(): Place | null;
  snapshot(room: Room): void;
  /** The event right after the place. */
  event(event: RoomEvent): void;
  /** The subscription stands. */
  live(arrival: Arrival): void;
  /** It could not be had over this connection. */
  refused(): void;
  say(message: object): void;
}

/** The head is ahead of events that are on their way; this long they may take, in ms. */
const UNDER_WAY_MS = 2_000;
/** The id of subscriptions; commands count from 1. */
const SUBSCRIBE = 0;

/** Follows a room over a connection that may lose things: every event is handed on once and in its order. */
export class Following {
  /** A subscription was asked for: what comes before the answer belongs to the one before. */
  private asking = false;
  private holeAt: string | null = null;
  private behind: (() => void) | null = null;

  constructor(
    private readonly handlers: FollowingHandlers,
    private readonly later: Later = afterwards,
  ) {}

  /** A connection is open: goes on from the place, or begins with a snapshot. */
  start(): void {
    this.holeAt = null;
    const place = this.handlers.place();
    this.ask(place === null ? "snapshot" : cursor(place));
  }

  /** The place is of no use any more. */
  afresh(): void {
    this.ask("snapshot");
  }

  stop(): void {
    this.asking = false;
    this.calm();
  }

  hear(message: Message): void {
    if (message.snapshot !== undefined) this.begin(message.snapshot);
    else if (message.resumed !== undefined) this.resume(message.resumed);
    else if (message.reset !== undefined) this.afresh();
    else if (message.event !== undefined) this.take(message.event);
    else if (message.heartbeat !== undefined) this.compare(message.heartbeat);
    else if (message.reply?.id === SUBSCRIBE && this.asking) this.handlers.refused();
  }

  private ask(from: string): void {
    this.calm();
    this.asking = true;
    this.handlers.say({ id: SUBSCRIBE, subscribe: { from } });
  }

  private begin(room: Room): void {
    this.asking = false;
    const kind = this.handlers.place() === null ? "begun" : "reloaded";
    this.handlers.snapshot(room);
    this.handlers.live({ kind });
  }

  private resume({ from, to }: { from: number; to: number }): void {
    this.asking = false;
    const place = this.handlers.place();
    if (place === null || from > place.seq) this.afresh();
    else this.handlers.live({ kind: "resumed", missed: Math.max(0, to - place.seq) });
  }

  private take(event: RoomEvent): void {
    const place = this.handlers.place();
    if (this.asking || place === null || event.seq <= place.seq) return;
    if (event.seq > place.seq + 1) return this.mend(place);
    this.calm();
    this.handlers.event(event);
  }

  private compare(head: Place): void {
    const place = this.handlers.place();
    if (this.asking || place === null) return;
    if (head.epoch !== place.epoch) return this.afresh();
    if (head.seq <= place.seq || this.behind !== null) return;
    this.behind = this.later(UNDER_WAY_MS, () => this.mend(place));
  }

  /** Something is missing after the place. If asking for it did not help, the room is read anew. */
  private mend(place: Place): void {
    const hole = cursor(place);
    if (hole === this.holeAt) return this.afresh();
    this.holeAt = hole;
    this.ask(hole);
  }

  private calm(): void {
    this.behind?.();
    this.behind = null;
  }
}
