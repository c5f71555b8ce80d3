import { roomPath } from "./api";
import type { Wire } from "./socket";

const PROTOCOL = "synctv.v1+json";

/** The socket of a room, still opening. */
export function dial(room: string, ticket: string): Wire {
  const query = new URLSearchParams({ ticket });
  const address = new URL(`${roomPath(room)}/ws?${query}`, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(address.href, PROTOCOL) as Wire;
}
