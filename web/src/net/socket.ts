import { afterwards, type Later } from "./later";
import { read, type Message } from "./message";
import { isFinal, Problem } from "./problem";
import { reasons } from "../strings";

/** As much of a WebSocket as is used here. */
export interface Wire {
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((end: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface SocketHandlers {
  /** Opens a connection, with a new token if the old one is no longer taken. */
  dial(renewed: boolean): Promise<Wire>;
  opened(): void;
  heard(message: Message): void;
  lost(): void;
  /** The next connection is made after this pause. */
  waiting(ms: number): void;
  /** There will be no connection any more. */
  ended(problem: Problem): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;
/** A connection that lasted this long was a good one. */
const STEADY_MS = 10_000;
/** The server says something at least every 20 s. */
const SILENCE_MS = 45_000;
const OPENING_MS = 15_000;
const PROBE_MS = 5_000;
const TOKEN_EXPIRED = 4401;
/** As in WebSocket.readyState. */
const OPEN = 1;
/** A closed room may be looked at: the next connection shows it, and hears when it is opened again. */
const ROOM_CLOSED = 4404;

/** Any pause up to a ceiling that doubles: clients that were lost together do not come back together. */
export function jitter(attempt: number, random: number = Math.random()): number {
  return random * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
}

/** A connection that is made again for as long as the server wants it. */
export class RoomSocket {
  private wire: Wire | null = null;
  private open = false;
  private over = false;
  private failures = 0;
  private tokenRefused = false;
  private comeBackMs: number | null = null;
  private retry: (() => void) | null = null;
  private watch: (() => void) | null = null;
  private steady: (() => void) | null = null;

  constructor(
    private readonly handlers: SocketHandlers,
    private readonly later: Later = afterwards,
    private readonly random: () => number = Math.random,
  ) {}

  async start(): Promise<void> {
    this.retry = null;
    try {
      const wire = await this.handlers.dial(this.tokenRefused);
      this.tokenRefused = false;
      if (this.over) wire.close();
      else this.attach(wire);
    } catch (error) {
      if (this.over) return;
      if (error instanceof Problem && isFinal(error)) this.end(error);
      else this.again();
    }
  }

  close(): void {
    this.over = true;
    this.detach();
    this.retry?.();
  }

  /** Whether it could be said; whether it arrives, the answer tells. */
  say(message: object): boolean {
    // One that is closing is told so only afterwards.
    if (!this.open || this.wire?.readyState !== OPEN) return false;
    this.wire.send(JSON.stringify(message));
    return true;
  }

  /** The network may be another one: a pause ends, and a connection has to prove itself. */
  nudge(): void {
    if (this.retry !== null) {
      this.retry();
      void this.start();
    } else if (this.say({ clock: { t0: 0 } })) this.expect(PROBE_MS);
  }

  /** Gives the connection up and makes another one. */
  drop(): void {
    if (this.wire === null) return;
    this.detach();
    this.again();
  }

  private attach(wire: Wire): void {
    this.wire = wire;
    wire.onopen = () => {
      this.open = true;
      this.steady = this.later(STEADY_MS, () => (this.failures = 0));
      this.expect(SILENCE_MS);
      this.handlers.opened();
    };
    wire.onmessage = ({ data }) => {
      this.expect(SILENCE_MS);
      const message = read(data);
      if (message?.drain !== undefined) this.comeBackMs = message.drain.retry_after_ms;
      if (message !== null) this.handlers.heard(message);
    };
    wire.onclose = ({ code, reason }) => {
      this.detach();
      const problem = farewell(code, reason);
      if (problem !== null) return this.end(problem);
      this.tokenRefused = code === TOKEN_EXPIRED;
      this.again();
    };
    this.expect(OPENING_MS);
  }

  private detach(): void {
    const { wire, open } = this;
    this.watch?.();
    this.steady?.();
    this.wire = null;
    this.open = false;
    if (wire === null) return;
    wire.onopen = wire.onmessage = wire.onclose = null;
    wire.close();
    if (open && !this.over) this.handlers.lost();
  }

  private expect(withinMs: number): void {
    this.watch?.();
    this.watch = this.later(withinMs, () => this.drop());
  }

  private again(): void {
    this.failures += 1;
    const pause = this.comeBackMs ?? jitter(this.failures, this.random());
    this.comeBackMs = null;
    this.handlers.waiting(pause);
    this.retry = this.later(pause, () => void this.start());
  }

  private end(problem: Problem): void {
    this.close();
    this.handlers.ended(problem);
  }
}

/** Why there is no coming back after this close; null if there is. */
function farewell(code: number, reason: string): Problem | null {
  if (code < 4400 || code === TOKEN_EXPIRED || code === ROOM_CLOSED) return null;
  if (code === 4403) return new Problem(403, "not_a_member", reasons.removed);
  return new Problem(0, "connection_ended", reasons.ended(reason || `code ${code}`));
}
