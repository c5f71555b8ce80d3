import { pauseBefore, roomPath, type Api } from "./api";
import { Problem } from "./problem";
import type { RoomEvent } from "./types";

export interface StreamHandlers {
  /** The place to read on from, `<epoch>:<seq>`. */
  cursor(): string;
  event(event: RoomEvent, epoch: string): void;
  /** The server says where the log ends. */
  heartbeat(epoch: string, seq: number): void;
  /** The cursor is worthless, or the stream does not come up with it: read the room again. */
  reset(): void;
  connected(live: boolean): void;
  /** The server refuses for good: not a member any more, an expired token. */
  refused(problem: Problem): void;
}

const FAILURES_BEFORE_RESET = 3;

/** The room's event stream: EventSource with tickets, opened again whenever the browser gives it up. */
export class EventStream {
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private closed = false;

  constructor(
    private readonly api: Api,
    private readonly room: string,
    private readonly handlers: StreamHandlers,
  ) {}

  async open(): Promise<void> {
    try {
      const { ticket } = await this.api.ticket(this.room);
      if (!this.closed) this.listen(ticket);
    } catch (error) {
      if (this.closed) return;
      if (error instanceof Problem && isFinal(error)) this.handlers.refused(error);
      else this.again();
    }
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.source?.close();
  }

  private listen(ticket: string): void {
    const query = new URLSearchParams({ ticket, after: this.handlers.cursor() });
    const source = new EventSource(`${roomPath(this.room)}/events?${query}`);
    this.source = source;
    source.onopen = () => {
      this.failures = 0;
      this.handlers.connected(true);
    };
    source.onmessage = (message: MessageEvent<string>) => this.receive(message.data, message.lastEventId);
    source.addEventListener("reset", () => this.handlers.reset());
    source.addEventListener("heartbeat", (message: MessageEvent<string>) => this.beat(message.data));
    source.onerror = () => {
      this.handlers.connected(false);
      // The browser comes back by itself after a broken connection, but not after a refusal.
      if (source.readyState === EventSource.CLOSED) this.again();
    };
  }

  private receive(data: string, id: string): void {
    if (this.closed) return;
    const value = parse(data);
    if (value === null) return;
    if ("reset" in value) this.handlers.reset();
    else if (typeof value["seq"] === "number" && typeof value["type"] === "string") {
      this.handlers.event(value as unknown as RoomEvent, id.slice(0, Math.max(0, id.lastIndexOf(":"))));
    }
  }

  private beat(data: string): void {
    if (this.closed) return;
    const value = parse(data);
    const beat = (value?.["heartbeat"] ?? value) as { epoch?: unknown; seq?: unknown } | null;
    if (typeof beat?.seq === "number") this.handlers.heartbeat(String(beat.epoch ?? ""), beat.seq);
  }

  private again(): void {
    this.source?.close();
    this.handlers.connected(false);
    this.failures += 1;
    this.timer = setTimeout(() => {
      if (this.failures >= FAILURES_BEFORE_RESET) this.handlers.reset();
      else void this.open();
    }, pauseBefore(this.failures));
  }
}

/** Whether repeating the call cannot help. */
export function isFinal(problem: Problem): boolean {
  return [401, 403, 404].includes(problem.status);
}

function parse(data: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
