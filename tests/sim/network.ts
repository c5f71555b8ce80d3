import type { Random } from "./random";
import type { Timeline } from "./timeline";

/** One direction of a way through the network. */
export interface Way {
  delayMs: number;
  /** Either side of the delay, all values alike. */
  jitterMs: number;
  /** The share of packets that is lost and sent again. */
  loss: number;
}

const RESEND_AFTER_MS = 300;

/** A stream of messages as TCP gives it: in order, and a lost one holds up all behind it. */
export class Stream {
  private lastMs = 0;
  private generation = 0;

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
    readonly way: Way,
  ) {}

  send(arrives: () => void): void {
    const { generation } = this;
    const arrivalMs = Math.max(this.timeline.nowMs + this.delay(), this.lastMs);
    this.lastMs = arrivalMs;
    this.timeline.later(arrivalMs - this.timeline.nowMs, () => generation === this.generation && arrives());
  }

  /** What is under way is lost. */
  cut(): void {
    this.generation += 1;
    this.lastMs = 0;
  }

  private delay(): number {
    const { delayMs, jitterMs, loss } = this.way;
    let resent = 0;
    for (let wait = RESEND_AFTER_MS; this.random.chance(loss); wait *= 2) resent += wait;
    return resent + this.random.between(delayMs - jitterMs, delayMs + jitterMs);
  }
}
