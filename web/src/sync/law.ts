import type { Profile } from "./profile";

/** How far the medium may be from the room before it is sought, by what happens there. */
export const SEEK_BEYOND_MS = {
  /** While it plays: nearer than this the rate does it. */
  steady: 1_000,
  /** The room, or a person, went elsewhere. */
  jump: 100,
  /** While it rests. */
  rest: 100,
  /** When it has just come to rest, everybody should see the same frame. */
  exact: 15,
  /** A person asked for it. */
  now: 0,
} as const;

/** A correction that began goes on until the distance is this small. */
const RELEASE_MS = 15;
/** A distance is to be gone in about this time. */
const PULL_MS = 3_000;
const NEAR_MS = 300;
const NEAR_MOST = 0.06;
const FAR_MOST = 0.1;
/** Smaller differences of the rate are not worth a change. */
const STEPS = 200;

/** By which part of the room's rate the medium should play faster, or slower; `current` is by which it does now. */
export function correction(behindMs: number, current: number, profile: Profile): number {
  const { nudgeFromMs, changeCostMs } = profile;
  if (current === 0) {
    // The change back has its cost too. Whoever is ahead is helped by both, and should not be left behind by them.
    const all = behindMs + 2 * changeCostMs;
    if (behindMs > nudgeFromMs) return pull(all);
    return behindMs < -nudgeFromMs - changeCostMs / 2 ? Math.min(pull(all), -1 / STEPS) : 0;
  }
  const left = behindMs + changeCostMs;
  if (Math.abs(left) <= RELEASE_MS || left > 0 !== current > 0) return 0;
  return changeCostMs > 0 ? current : pull(left);
}

function pull(ms: number): number {
  const most = Math.abs(ms) <= NEAR_MS ? NEAR_MOST : FAR_MOST;
  return Math.round(Math.min(Math.max(ms / PULL_MS, -most), most) * STEPS) / STEPS;
}
