export type StatusKind =
  | "idle"
  | "waiting"
  | "paused"
  | "in_sync"
  | "catching_up"
  | "slowing_down"
  | "seeking"
  | "buffering"
  | "cannot_keep_up"
  | "free"
  /** Nothing is heard of the room, which may be elsewhere by now. */
  | "apart";

/** How well a medium follows its room. */
export interface Status {
  kind: StatusKind;
  /** How far ahead of the room the medium is; null while it shows nothing. */
  skewMs: number | null;
  /** The factor by which it plays faster than the room to catch up, or slower. */
  rate: number;
  /** How far off the clock may be; null while unknown. */
  boundMs: number | null;
  bufferedMs: number;
}
