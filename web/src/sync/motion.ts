import type { Motion } from "../state/types";

/** Where the media is at the server time `nowMs`, in ms: the same arithmetic as the server's. */
export function positionAt(motion: Motion, nowMs: number, durationMs: number | null): number {
  const elapsed = motion.playing ? Math.max(0, nowMs - motion.anchor_ms) : 0;
  const position = motion.position_ms + Math.floor((elapsed * motion.rate_permille) / 1000);
  const end = durationMs ?? Number.MAX_SAFE_INTEGER;
  return Math.min(Math.max(0, position), end);
}

/** Whether the media should be moving at `nowMs`: a scheduled start waits for its anchor. */
export function isRunning(motion: Motion, nowMs: number): boolean {
  return motion.playing && nowMs >= motion.anchor_ms;
}
