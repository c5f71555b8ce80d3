import { afterwards, type Later } from "../net/later";
import { expire, nextEnd } from "../state/expiry";
import type { State } from "../state/reducer";

/** Timers do not run for longer. */
const LONGEST_MS = 2 ** 31 - 1;

/** What ends by itself ends on the screen, too, though no event tells. */
export class Lapse {
  private state: State | null = null;
  private cancel: (() => void) | null = null;

  constructor(
    /** The server's time in ms; null while unknown. */
    private readonly now: () => number | null,
    private readonly show: (state: State) => void,
    private readonly later: Later = afterwards,
  ) {}

  /** Shows the state without what is over, now and at each end. */
  take(state: State): void {
    this.cancel?.();
    const now = this.now() ?? Date.now();
    const room = expire(state.room, new Date(now).toISOString());
    const end = nextEnd(room);
    this.state = room === state.room ? state : { ...state, room };
    if (end !== null) this.cancel = this.later(Math.min(LONGEST_MS, Math.max(1, Date.parse(end) - now + 1)), () => this.again());
    this.show(this.state);
  }

  private again(): void {
    if (this.state !== null) this.take(this.state);
  }
}
