import type { Later } from "../../web/src/net/later";
import type { Timeline } from "./timeline";

/** The clock of one machine: it runs a little too fast or too slow, began at any time, and stands still in sleep. */
export class LocalClock {
  private sleptMs = 0;
  private wakesAtMs = 0;

  constructor(
    private readonly timeline: Timeline,
    private readonly ppm: number,
    private readonly originMs: number,
  ) {}

  readonly monotonic = (): number => {
    const awake = Math.max(this.timeline.nowMs, this.wakesAtMs) - this.sleptMs;
    return this.originMs + awake * (1 + this.ppm / 1e6);
  };

  readonly later: Later = (ms, then) => {
    let cancelled = false;
    this.timeline.later(ms / (1 + this.ppm / 1e6), () => this.awake(() => cancelled || then()));
    return () => (cancelled = true);
  };

  /** Nothing happens on a machine that sleeps before it wakes. */
  awake(then: () => void): void {
    const left = this.wakesAtMs - this.timeline.nowMs;
    if (left > 0) this.timeline.later(left, then);
    else then();
  }

  /** Its monotonic clock stands still meanwhile. */
  sleep(ms: number): void {
    this.wakesAtMs = this.timeline.nowMs + ms;
    this.sleptMs += ms;
  }
}
