import type { MediaElement } from "../../../web/src/sync/media_element";
import { isRunning, type Course } from "../../../web/src/sync/motion";
import type { Ports } from "../client";
import type { Steer } from "../evening";
import type { Lead } from "../room";
import { Peer } from "./peer";

const GREEDY = { pings: 3, everyMs: 1_000 };
const PING_MS = 60_000;
const SETTLE_MS = 1_500;
const CHECK_MS = 1_500;
const SPEED = { fromMs: 60, untilMs: 3_000, forMs: 1_000, least: 0.2 };
const SKIP_FROM_MS = 400;
const NEAR_MS = 50;
const WAIT_MS = 10_000;

/** A start is scheduled far enough ahead for anybody. */
export const jellyfinLead: Lead = (farMs) => Math.max(4 * farMs, 500);

/** A seek stops the group until every player is there and has said so. */
export const jellyfinSteer: Steer = async (world, order) => {
  const goesOn = order.type === "seek" && world.room.course.playing;
  world.order(goesOn ? { ...order, stops: true } : order);
  if (!goesOn) return;
  const there = () => world.skews().every((skew, i) => Math.abs(skew) < NEAR_MS && !world.clients[i]?.media.seeking);
  const untilMs = world.timeline.nowMs + WAIT_MS;
  do await world.pass(NEAR_MS);
  while (!there() && world.timeline.nowMs < untilMs);
  // The last of them has to say so.
  await world.pass(Math.max(...world.clients.map(({ kind }) => kind.up.delayMs)));
  world.order({ type: "play" });
};

/** The rule of Jellyfin's SyncPlay: commands at an instant, and, if switched on, corrections by speed and by skipping. */
export class Jellyfin extends Peer {
  private cancel: () => void = () => undefined;
  private corrects = false;
  private pings = 0;

  constructor(
    media: MediaElement,
    ports: Ports,
    private readonly correction: boolean,
  ) {
    super(media, ports);
    this.every(CHECK_MS, () => this.correct());
  }

  protected override measured(): void {
    this.pings += 1;
    this.ports.later(this.pings < GREEDY.pings ? GREEDY.everyMs : PING_MS, () => this.measure());
  }

  protected override commanded(course: Course): void {
    this.cancel();
    this.corrects = false;
    const now = this.serverNow() ?? 0;
    if (!course.playing) return this.stop(course);
    if (isRunning(course, now)) return this.start(course, now);
    if (Math.abs(this.behindMs() ?? 0) >= SKIP_FROM_MS) this.seek(course.position_ms);
    this.cancel = this.ports.later(course.anchor_ms - now, () => this.begin());
  }

  private stop({ position_ms }: Course): void {
    this.media.pause();
    if (this.media.readyState > 0 && position_ms !== this.media.currentTime * 1000) this.seek(position_ms);
  }

  /** Too late for the instant: goes after the room. */
  private start(course: Course, now: number): void {
    this.begin();
    if (this.media.readyState > 0) this.seek(this.expectedMs(course, now));
  }

  private begin(): void {
    void this.media.play();
    this.cancel = this.ports.later(SETTLE_MS, () => (this.corrects = this.correction));
  }

  private correct(): void {
    const behind = this.behindMs();
    const now = this.serverNow();
    if (!this.corrects || behind === null || now === null || this.course === null) return;
    const distance = Math.abs(behind);
    if (distance >= SPEED.fromMs && distance < SPEED.untilMs) this.speed(Math.max(SPEED.least, 1 + behind / SPEED.forMs));
    else if (distance >= SKIP_FROM_MS) this.seek(this.expectedMs(this.course, now));
  }

  private speed(rate: number): void {
    this.media.playbackRate = rate;
    this.ports.later(SPEED.forMs, () => (this.media.playbackRate = 1));
  }
}
