import { pauseBefore, type Api } from "./api";
import { EventStream, isFinal } from "./events";
import { Problem } from "./problem";
import { apply, begin, type State } from "./reducer";
import type { Command, Room, RoomEvent } from "./types";

export interface SessionHandlers {
  changed(state: State): void;
  connected(live: boolean): void;
  /** The room cannot be watched any longer. */
  gone(problem: Problem): void;
}

/** How many events before the snapshot are read for the chat and the log. */
const PAST = 500;
const REPLY_WAIT_MS = 2_000;

/** One room as this client sees it: a snapshot, and the log's events folded over it in order. */
export class RoomSession {
  state: State | null = null;
  private stream: EventStream | null = null;
  private syncing = false;
  private ended = false;
  private behindAt: number | null = null;
  private waiting: { seq: number; done: () => void }[] = [];
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly api: Api,
    private readonly id: string,
    private readonly handlers: SessionHandlers,
  ) {}

  /** Starts from a snapshot just read. */
  async start(room: Room): Promise<void> {
    await this.adopt(room);
  }

  close(): void {
    this.ended = true;
    this.stream?.close();
  }

  /** Issues commands one after the other; resolves once the effect is part of the state. */
  command(command: Command): Promise<void> {
    const turn = this.last.then(() => this.issue(command));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async issue(command: Command): Promise<void> {
    const answer = await this.api.command(this.id, command);
    // What is ready to fold is folded at once; what is not comes through the stream.
    for (const event of answer.events) this.take(event, false);
    await this.reached(answer.seq);
  }

  /** Reads the room again and follows the log from there. Tries until the server answers. */
  private async resync(): Promise<void> {
    if (this.syncing || this.ended) return;
    this.syncing = true;
    this.stream?.close();
    this.handlers.connected(false);
    for (let attempt = 1; !this.ended; attempt += 1) {
      try {
        await this.adopt(await this.api.room(this.id));
        break;
      } catch (error) {
        if (error instanceof Problem && isFinal(error)) {
          this.leave(error);
          break;
        }
        await new Promise((done) => setTimeout(done, pauseBefore(attempt)));
      }
    }
    this.syncing = false;
  }

  private async adopt(room: Room): Promise<void> {
    const after = `${room.epoch}:${Math.max(0, room.seq - PAST)}`;
    const past = room.seq > 0 ? (await this.api.events(this.id, after, PAST)).events : [];
    if (this.ended) return;
    this.behindAt = null;
    this.publish(begin(room, past));
    this.follow();
  }

  private follow(): void {
    this.stream?.close();
    this.stream = new EventStream(this.api, this.id, {
      cursor: () => `${this.state?.room.epoch ?? ""}:${this.state?.room.seq ?? 0}`,
      event: (event, epoch) => {
        if (epoch !== "" && epoch !== this.state?.room.epoch) void this.resync();
        else this.take(event, true);
      },
      heartbeat: (epoch, seq) => this.compare(epoch, seq),
      reset: () => void this.resync(),
      connected: (live) => this.handlers.connected(live),
      refused: (problem) => this.leave(problem),
    });
    void this.stream.open();
  }

  private take(event: RoomEvent, inOrder: boolean): void {
    if (this.state === null || this.syncing) return;
    const outcome = apply(this.state, event);
    if (outcome.kind === "applied") this.publish(outcome.state);
    else if (outcome.kind === "stale") void this.resync();
    // Only the stream promises order; an answer may overtake the events before its own.
    else if (outcome.kind === "hole" && inOrder) void this.resync();
  }

  /** Two heartbeats beyond an unmoved head mean that the stream lost something. */
  private compare(epoch: string, seq: number): void {
    const room = this.state?.room;
    if (room === undefined) return;
    if (epoch !== "" && epoch !== room.epoch) void this.resync();
    else if (seq <= room.seq) this.behindAt = null;
    else if (this.behindAt === room.seq) void this.resync();
    else this.behindAt = room.seq;
  }

  private publish(state: State): void {
    this.state = state;
    const reached = this.waiting.filter(({ seq }) => seq <= state.room.seq);
    this.waiting = this.waiting.filter(({ seq }) => seq > state.room.seq);
    this.handlers.changed(state);
    for (const { done } of reached) done();
  }

  private reached(seq: number): Promise<void> {
    if ((this.state?.room.seq ?? 0) >= seq) return Promise.resolve();
    return new Promise((done) => {
      this.waiting.push({ seq, done });
      setTimeout(done, REPLY_WAIT_MS);
    });
  }

  private leave(problem: Problem): void {
    if (this.ended) return;
    this.close();
    this.handlers.gone(problem);
  }
}
