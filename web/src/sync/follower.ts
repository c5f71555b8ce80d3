import type { Later } from "../net/later";
import { Attempts } from "./attempts";
import { Hand } from "./hand";
import { correction, SEEK_BEYOND_MS } from "./law";
import { LiveEdge } from "./live_edge";
import { bufferedMs, canReach, durationMs, hasMetadata, isStalled, type MediaElement, type MediaEvent } from "./media_element";
import { isJump, isRunning, isSame, positionAt, type Course } from "./motion";
import { STANDARD, type Profile } from "./profile";
import { SeekPacer } from "./seek_pacer";
import type { Status, StatusKind } from "./status";

export interface FollowerPorts {
  clock: {
    /** The server's time in ms; null while unknown. */
    now(): number | null;
    /** How far off that may be. */
    readonly boundMs: number | null;
  };
  /** Local ms that never jump. */
  monotonic(): number;
  later: Later;
  hidden(): boolean;
  /** The browser wants a click before it plays. */
  blocked(): void;
}

/** What a person did with the element's own controls. */
export type Gesture = { type: "play" } | { type: "pause" | "seek"; positionMs: number };

const TICK_MS = 250;
/** What the element tells of its position is worth little right after it began to move. */
const SETTLE_MS = 500;
const END_MS = 50;
/** What nobody sees, even where nothing is done about it. */
const IN_SYNC_MS = 120;
const LIVE_NUDGE_FROM_MS = 300;

/** Keeps a medium where the room is, and tells what a person did with it from what was done here. */
export class Follower {
  private course: Course | null = null;
  private live = false;
  private unlocked = false;
  private alone = false;
  private hands = 0;
  /** The room or a person went elsewhere: the medium follows at once if it is further away than this. */
  private leapBeyondMs: number | null = null;
  /** The room came to rest: the medium goes to the very frame. */
  private exact = false;
  private nudge = { by: 0, sinceMs: -Infinity };
  private movingSinceMs = -Infinity;
  private wake: () => void = () => undefined;
  private edge = new LiveEdge();
  private pacer = new SeekPacer();
  private readonly attempts = new Attempts();
  private readonly hand: Hand;

  constructor(
    private readonly media: MediaElement,
    private readonly ports: FollowerPorts,
    private readonly profile: Profile = STANDARD,
  ) {
    this.hand = new Hand(media, () => this.refused());
    this.tick();
  }

  /** What the room says now. A live medium has no place to go to, only an edge to stay near. */
  follow(course: Course | null, live = false): void {
    this.live = live;
    if (!isSame(this.course, course)) this.turn(course);
    this.control();
  }

  /** The element was given another medium. */
  renew(): void {
    this.hand.renewed();
    this.attempts.drop();
    this.leapBeyondMs = null;
    this.exact = true;
    this.edge = new LiveEdge();
    this.pacer = new SeekPacer();
  }

  /** A script sent the element elsewhere, as libraries do to get over a hole: no person did. */
  moved(): void {
    const now = this.ports.clock.now();
    const course = this.shown();
    if (!this.hand.moved() || now === null || course === null || this.live || this.alone || this.hands > 0) return;
    const { currentTime, paused } = this.media;
    if (paused || !isRunning(course, now) || -this.behindMs(course, now) <= SEEK_BEYOND_MS.steady) return;
    // Back there it would only meet the same hole: it waits for the room where it is.
    this.hand.pause();
    this.attempts.seeks(this.willBeBehindMs(course, now, currentTime * 1000), this.ports.monotonic());
  }

  /** To be called from a click: from then on the browser lets the medium play. */
  unlock(): void {
    this.unlocked = true;
    this.control();
  }

  /** Whether the medium goes its own way. */
  get isFree(): boolean {
    return this.alone;
  }

  setFree(free: boolean): void {
    this.alone = free;
    // Nobody would come back to it when the rate may change again.
    this.nudge = { by: 0, sinceMs: -Infinity };
    this.nudgeBy(0);
    if (!free) this.leap(SEEK_BEYOND_MS.jump);
  }

  /** Goes to where the room is at once. */
  syncNow(): void {
    this.alone = false;
    this.leap(SEEK_BEYOND_MS.now);
  }

  /** Leaves the medium alone until the answer is called: a person is at it. */
  letGo(): () => void {
    this.hands += 1;
    return () => {
      this.hands -= 1;
      this.leap(SEEK_BEYOND_MS.steady);
    };
  }

  /** The page is shown again. */
  cameBack(): void {
    this.leap(SEEK_BEYOND_MS.jump);
  }

  /** What the element told; answers what a person did, if it was one. */
  heard(event: MediaEvent): Gesture | null {
    if (event === "play" || event === "pause") return this.playState();
    if (event === "seeking") return this.hand.isForeignSeek() ? this.gesture("seek") : null;
    if (event === "seeked") this.hand.sought();
    if (event === "seeked" || event === "playing") this.movingSinceMs = this.ports.monotonic();
    if (event === "loadedmetadata" || event === "canplay" || event === "seeked") this.control();
    return null;
  }

  status(): Status {
    const { boundMs } = this.ports.clock;
    const now = this.ports.clock.now();
    const course = this.shown();
    const rate = 1 + this.nudge.by;
    if (course === null || now === null) return { kind: "idle", skewMs: null, rate, boundMs, bufferedMs: 0 };
    const skewMs = this.live ? -this.edge.behindMs(this.media, this.ports.monotonic()) : -this.behindMs(course, now);
    return { kind: this.kind(course, now, skewMs), skewMs, rate, boundMs, bufferedMs: bufferedMs(this.media) };
  }

  private kind(course: Course, now: number, skewMs: number): StatusKind {
    if (this.alone) return "free";
    if (this.media.seeking) return "seeking";
    if (!course.playing) return "paused";
    if (!isRunning(course, now)) return "waiting";
    if (this.media.paused && !this.media.ended) return "seeking";
    if (isStalled(this.media)) return "buffering";
    if ((this.pacer.isSpent || !this.canSeekAhead(course, now)) && Math.abs(skewMs) > SEEK_BEYOND_MS.steady) return "cannot_keep_up";
    if (this.nudge.by === 0 && Math.abs(skewMs) <= IN_SYNC_MS) return "in_sync";
    return (this.nudge.by || -skewMs) > 0 ? "catching_up" : "slowing_down";
  }

  /** What is on the screen, if anything is. */
  private shown(): Course | null {
    const { course, media } = this;
    const visible = this.unlocked && !media.error && hasMetadata(media);
    return visible && course !== null && course.item_id !== null ? course : null;
  }

  private turn(course: Course | null): void {
    if (course !== null && isJump(this.course, course)) this.leapBeyondMs = SEEK_BEYOND_MS.jump;
    this.exact = true;
    this.course = course;
  }

  private leap(beyondMs: number): void {
    const underWay = this.media.seeking && this.attempts.isUnderWay;
    if (!underWay) this.leapBeyondMs = beyondMs;
    this.control();
  }

  private refused(): void {
    // In the background it is no wonder, and will be tried again.
    if (this.ports.hidden()) return;
    this.unlocked = false;
    this.ports.blocked();
  }

  private tick(): void {
    if (!this.ports.hidden()) this.control();
    // A page in the background is called too rarely to nudge.
    else if (!this.alone) this.nudgeBy(0);
    this.ports.later(TICK_MS, () => this.tick());
  }

  private control(): void {
    this.wake();
    const now = this.ports.clock.now();
    const course = this.shown();
    if (course === null || now === null || this.alone || this.hands > 0) return;
    if (this.hand.isForestalled()) return;
    if (this.live) return this.stayNearEdge(course);
    const early = this.attempts.startMs;
    if (!isRunning(course, now + early)) this.rest(course, now, early);
    else if (this.target(course, now) >= this.endMs(course) - END_MS) this.finish(course, now);
    else this.run(course, now);
  }

  /** The room is paused, or about to start. */
  private rest(course: Course, now: number, early: number): void {
    if (!this.media.paused) this.hand.pause();
    this.nudgeBy(0);
    this.place(course, now, this.exact ? SEEK_BEYOND_MS.exact : SEEK_BEYOND_MS.rest);
    if (course.playing) this.wake = this.ports.later(course.anchor_ms - early - now, () => this.control());
  }

  /** The room is at the end: the medium runs out by itself. */
  private finish(course: Course, now: number): void {
    this.nudgeBy(0);
    if (this.media.paused || this.leapBeyondMs !== null) this.place(course, now, SEEK_BEYOND_MS.rest);
  }

  /** Goes to where the room stands still, at once if it has only just come there. */
  private place(course: Course, now: number, withinMs: number): void {
    this.attempts.drop();
    const target = this.target(course, now);
    const off = Math.abs(this.behindMs(course, now)) > withinMs && canReach(this.media, target);
    if (off && (this.exact || this.leapBeyondMs !== null || this.pacer.take(this.ports.monotonic()))) {
      this.hand.seek(target);
    }
    this.exact = false;
    this.leapBeyondMs = null;
  }

  private run(course: Course, now: number): void {
    const distance = Math.abs(this.behindMs(course, now));
    const leapBeyondMs = this.leapBeyondMs;
    this.exact = false;
    this.leapBeyondMs = null;
    this.nudgeBy(this.nudge.by);
    if (leapBeyondMs !== null) this.pacer.jumped(this.ports.monotonic());
    if (leapBeyondMs !== null && distance > leapBeyondMs && this.canSeekAhead(course, now)) this.seekAhead(course, now);
    else if (this.media.paused) this.rollIn(course, now, distance);
    else if (this.isSettled() && !this.ports.hidden()) this.steady(course, now);
  }

  /** Starts a medium that stands: where it is ahead, once the room is there. */
  private rollIn(course: Course, now: number, distance: number): void {
    if (this.media.seeking) return;
    const aheadMs = -this.behindMs(course, now + this.attempts.startMs);
    if (aheadMs >= 1 && (this.attempts.isUnderWay || distance <= SEEK_BEYOND_MS.steady)) {
      this.attempts.waits(this.ports.monotonic());
      this.wake = this.ports.later((aheadMs * 1000) / course.rate_permille, () => this.control());
    } else if (distance <= SEEK_BEYOND_MS.steady || !this.trySeek(course, now)) this.start(course, now);
  }

  private steady(course: Course, now: number): void {
    const behind = this.behindMs(course, now);
    this.attempts.settled(behind, course.rate_permille);
    if (Math.abs(behind) <= SEEK_BEYOND_MS.steady) this.pacer.near(this.ports.monotonic());
    else if (this.trySeek(course, now)) return;
    this.nudgeBy(correction(behind, this.nudge.by, this.profile));
  }

  private stayNearEdge(course: Course): void {
    if (course.playing === this.media.paused) return course.playing ? this.hand.play() : this.hand.pause();
    if (!course.playing || !this.isSettled() || this.ports.hidden()) return;
    const profile = { ...this.profile, nudgeFromMs: Math.max(LIVE_NUDGE_FROM_MS, this.profile.nudgeFromMs) };
    const behind = this.edge.behindMs(this.media, this.ports.monotonic());
    this.nudgeBy(correction(behind, this.nudge.by, profile));
  }

  private start(course: Course, now: number): void {
    const behindMs = this.willBeBehindMs(course, now, this.media.currentTime * 1000);
    this.hand.play();
    this.movingSinceMs = this.ports.monotonic();
    this.attempts.starts(behindMs, this.movingSinceMs, isStalled(this.media));
  }

  private canSeekAhead(course: Course, now: number): boolean {
    return canReach(this.media, this.target(course, now + this.attempts.seekMs));
  }

  private trySeek(course: Course, now: number): boolean {
    const may = this.canSeekAhead(course, now) && this.pacer.take(this.ports.monotonic());
    if (may) this.seekAhead(course, now);
    return may;
  }

  /** To where the room will be when the player is there. */
  private seekAhead(course: Course, now: number): void {
    const target = this.target(course, now + this.attempts.seekMs);
    this.nudgeBy(0);
    if (!this.media.paused) this.hand.pause();
    this.hand.seek(target);
    this.attempts.seeks(this.willBeBehindMs(course, now, target), this.ports.monotonic());
  }

  /** As if the room were under way already, should it still wait. */
  private willBeBehindMs(course: Course, now: number, positionMs: number): number {
    return course.position_ms + ((now - course.anchor_ms) * course.rate_permille) / 1000 - positionMs;
  }

  private isSettled(): boolean {
    const { media } = this;
    return !media.seeking && !isStalled(media) && this.ports.monotonic() >= this.movingSinceMs + SETTLE_MS;
  }

  /** Plays by this part faster than the room, or slower. */
  private nudgeBy(by: number): void {
    const now = this.ports.monotonic();
    if (by !== this.nudge.by && now >= this.nudge.sinceMs + this.profile.holdMs) this.nudge = { by, sinceMs: now };
    if (this.course !== null) this.hand.setRate((this.course.rate_permille / 1000) * (1 + this.nudge.by));
  }

  private behindMs(course: Course, now: number): number {
    return this.target(course, now) - this.media.currentTime * 1000;
  }

  private target(course: Course, now: number): number {
    return Math.min(positionAt(course, now, null), this.endMs(course));
  }

  private endMs(course: Course): number {
    return Math.min(course.duration_ms ?? Infinity, durationMs(this.media) ?? Infinity);
  }

  private playState(): Gesture | null {
    const { media, course } = this;
    if (!this.hand.isForeignPause()) return null;
    // Neither the end of the medium nor a phone put away is somebody's wish to stop the room.
    if (media.paused && (media.ended || this.ports.hidden())) return null;
    if (!media.paused) this.unlocked = true;
    if (course?.playing !== media.paused) return null;
    return this.gesture(media.paused ? "pause" : "play");
  }

  private gesture(type: Gesture["type"]): Gesture | null {
    if (this.alone || this.course === null || this.course.item_id === null) return null;
    return type === "play" ? { type } : { type, positionMs: Math.round(this.media.currentTime * 1000) };
  }
}
