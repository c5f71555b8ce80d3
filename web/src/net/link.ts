import type { Arrival } from "./following";

/** How the connection to a room is. */
export type Link =
  | { kind: "connecting" }
  /** The next attempt comes after this pause. */
  | { kind: "waiting"; ms: number }
  | { kind: "live"; arrival: Arrival }
  | { kind: "ended" };
