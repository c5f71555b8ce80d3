import type { Motion } from "../state/types";

/** A motion, and how long its medium is if the room knows. */
export type Course = Motion & { duration_ms: number | null };

const LAST_MS = 2 ** 53;

/** Where the media is at the server time `nowMs`, in ms: the same arithmetic as the server's. */
export function positionAt(motion: Motion, nowMs: number, durationMs: number | null): number {
  const elapsed = motion.playing ? Math.max(0, nowMs - motion.anchor_ms) : 0;
  // In two parts, because the product of years and a rate is beyond what a number holds exactly.
  const rest = elapsed % 1000;
  const moved = ((elapsed - rest) / 1000) * motion.rate_permille + Math.floor((rest * motion.rate_permille) / 1000);
  return Math.min(Math.max(0, motion.position_ms + moved), durationMs ?? LAST_MS, LAST_MS);
}

/** Whether the media should be moving at `nowMs`: a scheduled start waits for its anchor. */
export function isRunning(motion: Motion, nowMs: number): boolean {
  return motion.playing && nowMs >= motion.anchor_ms;
}

/** A motion goes on where the one before it would be, up to this much. */
const CONTINUOUS_MS = 40;

/** Whether the room went elsewhere in its medium. Another medium begins by itself. */
export function isJump(before: Course | null, after: Course): boolean {
  if (before === null || before.item_id !== after.item_id) return false;
  const expected = positionAt(before, after.anchor_ms, before.duration_ms);
  return Math.abs(after.position_ms - expected) > CONTINUOUS_MS;
}

export function isSame(one: Course | null, other: Course | null): boolean {
  if (one === null || other === null) return one === other;
  const fields = ["item_id", "position_ms", "anchor_ms", "rate_permille", "playing", "duration_ms"] as const;
  return fields.every((field) => one[field] === other[field]);
}
