import { Problem } from "./problem";
import type { Command, CommandAnswer, EventsPage, Guest, Room, Trace } from "../state/types";

type Fetch = (url: string, init: RequestInit) => Promise<Response>;
type Sleep = (ms: number) => Promise<void>;

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 8_000;

export interface ApiOptions {
  fetch?: Fetch;
  sleep?: Sleep;
}

export interface NewRoom {
  name: string;
  listed: boolean;
  joinRule: string;
  /** For the join rule `password`. */
  password: string;
}

interface Call {
  method: "GET" | "POST";
  path: string;
  body?: unknown;
  /** A call with a key may be repeated: the server answers the repeat as it answered the first. */
  key?: string;
  /** Done twice it is as good as done once. */
  harmless?: boolean;
  /** Without the token, which may have run out. */
  anonymous?: boolean;
}

/** The HTTP calls of the page. Every failure is thrown as a Problem. */
export class Api {
  token: string | null = null;
  private readonly fetch: Fetch;
  private readonly sleep: Sleep;

  constructor(options: ApiOptions = {}) {
    this.fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.sleep = options.sleep ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
  }

  createGuest(displayName: string): Promise<Guest> {
    const body = { display_name: displayName };
    return this.call({ method: "POST", path: "/v1/guests", body, anonymous: true });
  }

  createRoom({ name, listed, joinRule, password }: NewRoom): Promise<{ room_id: string; seq: number; position: number }> {
    const plain = { name, join_rule: joinRule, visibility: listed ? "listed" : "unlisted" };
    const body = joinRule === "password" ? { ...plain, password } : plain;
    return this.call({ method: "POST", path: "/v1/rooms", body, key: randomKey() });
  }

  /** The room as it is, or as it was right after an event. */
  room(id: string, asOf?: number): Promise<Room> {
    const path = asOf === undefined ? roomPath(id) : `${roomPath(id)}?as_of=${asOf}`;
    return this.call({ method: "GET", path });
  }

  /** The events after `<epoch>:<seq>`, oldest first. */
  events(id: string, after: string, limit: number): Promise<EventsPage> {
    const query = new URLSearchParams({ after, limit: String(limit) });
    return this.call({ method: "GET", path: `${roomPath(id)}/events?${query}` });
  }

  command(id: string, command: Command, key: string = randomKey()): Promise<CommandAnswer> {
    return this.call({ method: "POST", path: `${roomPath(id)}/commands`, body: command, key });
  }

  /** What a command would do; nothing is done. */
  wouldDo(id: string, command: Command): Promise<CommandAnswer> {
    return this.call({ method: "POST", path: `${roomPath(id)}/commands?validate_only=true`, body: command, harmless: true });
  }

  /** Which layers of rules decide about a right of somebody, and how. */
  explain(id: string, permission: string, member: string): Promise<Trace> {
    const query = new URLSearchParams({ permission, member });
    return this.call({ method: "GET", path: `${roomPath(id)}/permissions/explain?${query}` });
  }

  /** Where what the room shows can be had; never repeated: whoever plays it has a rhythm of their own. */
  playback(id: string): Promise<{ sources: { url: string; format: string }[] }> {
    return this.once({ method: "GET", path: `${roomPath(id)}/playback` });
  }

  /** Where live streams are published to; nowhere, if this server takes none. */
  live(): Promise<{ publish: { url: string }[] }> {
    return this.call({ method: "GET", path: "/v1/live" });
  }

  /** A ticket for one socket: a browser cannot send the token with it. */
  ticket(id: string): Promise<{ ticket: string; expires_at: string }> {
    return this.call({ method: "POST", path: `${roomPath(id)}/tickets`, body: { use: "ws" } });
  }

  /** A new token for the one that is still good, which it replaces here. */
  async renew(): Promise<string> {
    const call: Call = { method: "POST", path: "/v1/tokens", body: {}, harmless: true };
    const { access_token } = await this.call<{ access_token: string }>(call);
    this.token = access_token;
    return access_token;
  }

  /** One exchange of the clock, never repeated: a retried sample would measure the pause. */
  time(t0: number): Promise<{ t0: number; t1: number; t2: number }> {
    return this.once({ method: "GET", path: `/v1/time?t0=${Math.round(t0)}` });
  }

  private async call<T>(call: Call): Promise<T> {
    const repeatable = call.method === "GET" || call.key !== undefined || call.harmless === true;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once<T>(call);
      } catch (error) {
        const passing = error instanceof Problem && (error.status === 0 || error.status === 503);
        if (!repeatable || !passing || attempt === ATTEMPTS) throw error;
        await this.sleep(pauseBefore(attempt));
      }
    }
  }

  private async once<T>(call: Call): Promise<T> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (this.token && !call.anonymous) headers["authorization"] = `Bearer ${this.token}`;
    if (call.key) headers["idempotency-key"] = call.key;
    const init: RequestInit = { method: call.method, headers, cache: "no-store" };
    if (call.body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(call.body);
    }
    let response: Response;
    let body: unknown;
    try {
      response = await this.fetch(call.path, init);
      // The answer may break off halfway: what was done is then as unknown as without an answer.
      body = parse(await response.text());
    } catch {
      throw Problem.unreachable();
    }
    if (!response.ok) throw Problem.from(response.status, body);
    if (body === undefined) throw Problem.unreachable();
    return body as T;
  }
}

/** The pause after a failed attempt, in ms: doubling, and spread so that clients do not come back together. */
export function pauseBefore(attempt: number, random: number = Math.random()): number {
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  return ceiling / 2 + (ceiling / 2) * random;
}

/** A fresh Idempotency-Key. randomUUID is missing where the page is served over plain HTTP. */
export function randomKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function roomPath(id: string): string {
  return `/v1/rooms/${encodeURIComponent(id)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
