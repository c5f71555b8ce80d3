import { afterwards, type Later } from "../net/later";
import { Problem, secondsToWait } from "../net/problem";

const FIRST_MS = 1_500;
const LONGEST_MS = 12_000;
const GROWTH = 1.4;

export interface WaitingPorts {
  /** Whether one was let in. */
  ask(): Promise<boolean>;
  letIn(): void;
  /** There is no use in waiting any more. */
  over(problem: unknown): void;
  /** How long one has waited, in ms. */
  waited(ms: number): void;
}

/** Waits at the door: asks again and again, ever more rarely. */
export class Waiting {
  private cancel: (() => void) | null = null;
  private pauseMs = FIRST_MS;
  private waitedMs = 0;
  private stopped = false;

  constructor(
    private readonly ports: WaitingPorts,
    private readonly later: Later = afterwards,
  ) {
    ports.waited(0);
    this.next(FIRST_MS);
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
  }

  /** Asks now: somebody looks at the page again. */
  nudge(): void {
    if (this.stopped || this.cancel === null) return;
    this.cancel();
    void this.ask();
  }

  private next(pauseMs: number): void {
    this.cancel = this.later(pauseMs, () => {
      this.waitedMs += pauseMs;
      this.ports.waited(this.waitedMs);
      void this.ask();
    });
  }

  private async ask(): Promise<void> {
    this.cancel = null;
    try {
      const letIn = await this.ports.ask();
      if (this.stopped) return;
      if (letIn) return this.end(() => this.ports.letIn());
      this.pauseMs = Math.min(LONGEST_MS, this.pauseMs * GROWTH);
      this.next(this.pauseMs);
    } catch (error) {
      if (this.stopped) return;
      if (!passes(error)) return this.end(() => this.ports.over(error));
      this.next(Math.max(this.pauseMs, error.code === "rate_limited" ? secondsToWait(error) * 1000 : 0));
    }
  }

  private end(then: () => void): void {
    this.stop();
    then();
  }
}

/** Whether it may be otherwise the next time, though nothing was done about it. */
function passes(error: unknown): error is Problem {
  return error instanceof Problem && (error.status === 0 || error.status === 503 || error.code === "rate_limited");
}
