import type { Later } from "../net/later";
import type { Motion } from "../state/types";
import { correct, SeekPacer } from "./control";
import { Echo } from "./echo";
import { bufferedMs, durationMs, hasMetadata, isStalled, type MediaElement, type MediaEvent } from "./media_element";
import { isRunning, positionAt } from "./motion";

/** A motion, and how long its medium is if the room knows. */
export type Course = Motion & { duration_ms: number | null };

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

export type StatusKind =
  | "idle"
  | "waiting"
  | "paused"
  | "in_sync"
  | "catching_up"
  | "slowing_down"
  | "seeking"
  | "buffering"
  | "cannot_keep_up"
  | "free";

export interface Status {
  kind: StatusKind;
  /** How far ahead of the room the medium is; null while it shows nothing. */
  skewMs: number | null;
  /** The factor by which it plays faster than the room to catch up, or slower. */
  rate: number;
  /** How far off the clock may be. */
  boundMs: number | null;
  bufferedMs: number;
}

const TICK_MS = 250;

/** Keeps a medium where the room is, and tells what a person did with it from what was done here. */
export class Follower {
  private course: Course | null = null;
  private live = false;
  private unlocked = false;
  private alone = false;
  private hands = 0;
  private readonly echo = new Echo();
  private readonly pacer = new SeekPacer();

  constructor(
    private readonly media: MediaElement,
    private readonly ports: FollowerPorts,
  ) {
    this.tick();
  }

  /** What the room says now. A live medium has no place to go to, only an edge to stay near. */
  follow(course: Course | null, live = false): void {
    const moved = course !== this.course;
    this.course = course;
    this.live = live;
    if (moved) this.pacer.reset();
    this.control();
  }

  /** The element was given another medium. */
  renew(): void {
    this.echo.wrotePaused(this.media.paused);
    this.echo.seekDone();
    this.pacer.reset();
  }

  /** To be called from a click: from then on the browser lets the medium play. */
  unlock(): void {
    this.unlocked = true;
    this.control();
  }

  lock(): void {
    this.unlocked = false;
  }

  get isUnlocked(): boolean {
    return this.unlocked;
  }

  /** Whether the medium goes its own way. */
  get isFree(): boolean {
    return this.alone;
  }

  setFree(free: boolean): void {
    this.alone = free;
    this.control();
  }

  /** Goes to where the room is at once. */
  syncNow(): void {
    this.alone = false;
    this.pacer.reset();
    this.control();
  }

  /** Leaves the medium alone until the answer is called: a person is at it. */
  letGo(): () => void {
    this.hands += 1;
    return () => {
      this.hands -= 1;
      this.pacer.reset();
      this.control();
    };
  }

  /** The page is shown again. */
  cameBack(): void {
    this.control();
  }

  /** What the element told; answers what a person did, if it was one. */
  heard(event: MediaEvent): Gesture | null {
    if (event === "play" || event === "pause") return this.playState();
    if (event === "seeking") return this.seeking();
    if (event === "seeked") this.echo.seekDone();
    if (event === "loadedmetadata" || event === "canplay") this.control();
    return null;
  }

  status(): Status {
    const { media, course } = this;
    const { boundMs } = this.ports.clock;
    const now = this.ports.clock.now();
    const rate = 1;
    if (course === null || course.item_id === null || !this.unlocked || now === null || !hasMetadata(media)) {
      return { kind: "idle", skewMs: null, rate, boundMs, bufferedMs: 0 };
    }
    const skewMs = media.currentTime * 1000 - positionAt(course, now, course.duration_ms);
    return { kind: this.kind(course, now), skewMs, rate, boundMs, bufferedMs: bufferedMs(media) };
  }

  private kind(course: Course, now: number): StatusKind {
    if (this.alone) return "free";
    if (this.media.seeking) return "seeking";
    if (isStalled(this.media)) return "buffering";
    if (!course.playing) return "paused";
    return isRunning(course, now) ? "in_sync" : "waiting";
  }

  private tick(): void {
    // Browsers slow a hidden page down anyway; it is corrected when it comes back.
    if (!this.ports.hidden()) this.control();
    this.ports.later(TICK_MS, () => this.tick());
  }

  private control(): void {
    const { course, media } = this;
    const now = this.ports.clock.now();
    if (course === null || course.item_id === null || now === null) return;
    if (!this.unlocked || this.alone || this.hands > 0 || media.error || !hasMetadata(media)) return;
    const busy = media.seeking || isStalled(media);
    const { seekToMs, set } = correct(
      { positionMs: media.currentTime * 1000, durationMs: durationMs(media), paused: media.paused, busy },
      { positionMs: positionAt(course, now, course.duration_ms), running: isRunning(course, now) },
    );
    if (seekToMs === null) {
      if (!busy) this.pacer.reset();
    } else if (!this.live && this.pacer.take(this.ports.monotonic())) this.seek(seekToMs);
    if (set === "play") this.play();
    else if (set === "pause") this.pause();
    const rate = course.rate_permille / 1000;
    if (media.playbackRate !== rate) this.setRate(rate);
  }

  private seek(positionMs: number): void {
    this.echo.wroteSeek(positionMs);
    this.media.currentTime = positionMs / 1000;
  }

  private play(): void {
    this.echo.wrotePaused(false);
    this.media.play().catch((error: unknown) => {
      this.echo.wrotePaused(this.media.paused);
      if (!(error instanceof Error && error.name === "NotAllowedError")) return;
      this.unlocked = false;
      this.ports.blocked();
    });
  }

  private pause(): void {
    this.echo.wrotePaused(true);
    this.media.pause();
  }

  private setRate(rate: number): void {
    try {
      this.media.playbackRate = rate;
    } catch {
      // A browser may not support an extreme rate; the seeks keep the medium in step.
    }
  }

  private playState(): Gesture | null {
    const { media, course } = this;
    if (!this.echo.isPauseGesture(media.paused) || course === null || course.item_id === null) return null;
    // Neither the end of the medium nor a phone put away is somebody's wish to stop the room.
    if (media.paused && (media.ended || this.ports.hidden())) return null;
    if (!media.paused) this.unlocked = true;
    if (this.alone || course.playing !== media.paused) return null;
    return media.paused ? { type: "pause", positionMs: this.positionMs() } : { type: "play" };
  }

  private seeking(): Gesture | null {
    const { course } = this;
    if (course === null || course.item_id === null) return null;
    if (!this.echo.isSeekGesture(this.media.currentTime * 1000)) return null;
    this.echo.seekDone();
    return this.alone ? null : { type: "seek", positionMs: this.positionMs() };
  }

  private positionMs(): number {
    return Math.round(this.media.currentTime * 1000);
  }
}
