import type { Ephemeral } from "../state/presence";
import type { CommandAnswer, Room, RoomEvent } from "../state/types";

/** What the server says over the socket: one of these fields. */
export interface Message {
  snapshot?: Room;
  resumed?: { from: number; to: number };
  reset?: { reason: string; epoch: string; seq: number };
  event?: RoomEvent;
  reply?: Reply;
  clock?: { t0: number; t1: number; t2: number };
  ephemeral?: Ephemeral;
  heartbeat?: { epoch: string; seq: number; server_ms: number };
  drain?: { retry_after_ms: number };
  /** The token behind this connection is about to expire. */
  token?: { expires_at: string };
}

export type Reply = Partial<CommandAnswer> & { id: unknown; problem?: { status?: number } };

/** The message in a text; null for what is none. */
export function read(text: unknown): Message | null {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === "object" && value !== null ? (value as Message) : null;
  } catch {
    return null;
  }
}
