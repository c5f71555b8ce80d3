import { apply, begin, type Outcome, type State } from "./reducer";
import type { Room, RoomEvent } from "./types";

const REACH_MS = 2_000;

/** The room as far as its events have been folded, and who waits for them. */
export class Folded {
  state: State | null = null;
  /** What was folded since the snapshot, until what lies before it has been read. */
  private since: RoomEvent[] | null = null;
  private waiting: { seq: number; done: () => void }[] = [];

  constructor(
    /** The events before a snapshot that chat and log show. */
    private readonly past: (room: Room) => Promise<readonly RoomEvent[]>,
    private readonly changed: (state: State) => void,
  ) {}

  /** Begins with a snapshot; chat and log come after it, so that nobody waits for them. */
  async begin(room: Room): Promise<void> {
    const since: RoomEvent[] = [];
    this.since = since;
    this.publish(begin(room, []));
    try {
      const past = await this.past(room);
      if (this.since === since) this.publish(since.reduce(again, begin(room, past)));
    } catch {
      // Whoever may not read it is told so by the socket.
    }
    if (this.since === since) this.since = null;
  }

  take(event: RoomEvent): Outcome["kind"] {
    if (this.state === null) return "hole";
    const outcome = apply(this.state, event);
    if (outcome.kind === "applied") {
      this.since?.push(event);
      this.publish(outcome.state);
    }
    return outcome.kind;
  }

  /** Resolves once the event with this seq is folded, or seems not to come. */
  reached(seq: number): Promise<void> {
    if ((this.state?.room.seq ?? 0) >= seq) return Promise.resolve();
    return new Promise((done) => {
      this.waiting.push({ seq, done });
      setTimeout(done, REACH_MS);
    });
  }

  private publish(state: State): void {
    this.state = state;
    const reached = this.waiting.filter(({ seq }) => seq <= state.room.seq);
    this.waiting = this.waiting.filter(({ seq }) => seq > state.room.seq);
    this.changed(state);
    for (const { done } of reached) done();
  }
}

/** What was folded once can be folded again. */
function again(state: State, event: RoomEvent): State {
  const outcome = apply(state, event);
  return outcome.kind === "applied" ? outcome.state : state;
}
