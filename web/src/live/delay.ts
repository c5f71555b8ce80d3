import type { Ranges } from "../sync/media_element";

/** How far the newest of a stream is ahead of what is seen, in ms; null while there is nothing of it. */
export function behindMs(currentTimeS: number, there: Ranges): number | null {
  return there.length === 0 ? null : Math.max(0, Math.round((there.end(there.length - 1) - currentTimeS) * 1000));
}

/** With tenths as long as they mean something. */
export function inSeconds(ms: number): string {
  return ms < 9_950 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000));
}
