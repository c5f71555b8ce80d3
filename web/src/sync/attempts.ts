import { Latency } from "./latency";

/** A start or a seek under way: when and how far behind the room it began tells later how long it took. */
interface Attempt {
  latency: Latency;
  sinceMs: number;
  behindMs: number;
  /** For one that came to its end before the room was there. */
  tookMs: number | null;
}

const LONGEST_START_MS = 300;
const LONGEST_SEEK_MS = 5_000;

/** What this player was told to do, and how long it takes for that. */
export class Attempts {
  private readonly starting = new Latency(0, 0, LONGEST_START_MS);
  private readonly seeking = new Latency(200, 100, LONGEST_SEEK_MS);
  private current: Attempt | null = null;

  get startMs(): number {
    return this.starting.usualMs;
  }

  /** So much that it is easier to wait than to catch up. */
  get seekMs(): number {
    return this.seeking.ampleMs;
  }

  get isUnderWay(): boolean {
    return this.current !== null;
  }

  seeks(behindMs: number, nowMs: number): void {
    this.current = { latency: this.seeking, sinceMs: nowMs, behindMs, tookMs: null };
  }

  /** It is there before the room. */
  waits(nowMs: number): void {
    if (this.current !== null) this.current.tookMs ??= nowMs - this.current.sinceMs;
  }

  /** `loads`: it has nothing to play, and would tell how long that takes. */
  starts(behindMs: number, nowMs: number, loads: boolean): void {
    const { current } = this;
    // A seek that took too long ends with this start.
    if (current !== null && current.tookMs === null) return;
    current?.latency.learn(current.tookMs ?? 0);
    this.current = loads ? null : { latency: this.starting, sinceMs: nowMs, behindMs, tookMs: null };
  }

  /** It plays, and its position can be believed. */
  settled(behindMs: number, ratePermille: number): void {
    const { current } = this;
    if (current !== null) current.latency.learn(((behindMs - current.behindMs) * 1000) / ratePermille);
    this.current = null;
  }

  drop(): void {
    this.current = null;
  }
}
