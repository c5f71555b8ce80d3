const FIRST_PAUSE_MS = 3_000;
const LONGEST_PAUSE_MS = 24_000;
/** A player that was with the room this long after a seek keeps up. */
const STEADY_MS = 10_000;
const TRIES = 3;

/** Spaces corrective seeks: where they do not help they would only make it stutter for ever. */
export class SeekPacer {
  private lastMs = -Infinity;
  private pause = FIRST_PAUSE_MS;
  private tries = 0;

  /** Seeks were tried and did not help. */
  get isSpent(): boolean {
    return this.tries >= TRIES;
  }

  /** Whether a seek may happen; a yes counts as one. */
  take(nowMs: number): boolean {
    if (this.isSpent || nowMs < this.lastMs + this.pause) return false;
    if (this.tries > 0) this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
    this.tries += 1;
    this.lastMs = nowMs;
    return true;
  }

  /** The room went elsewhere, and the medium with it. A player that was slow before gets no quicker by that. */
  jumped(nowMs: number): void {
    this.tries = 1;
    this.lastMs = nowMs;
  }

  /** The medium is near the room. */
  near(nowMs: number): void {
    if (nowMs < this.lastMs + STEADY_MS) return;
    this.tries = 0;
    this.pause = FIRST_PAUSE_MS;
  }
}
