import { ready as texts } from "../strings";
import type { Hold } from "../state/types";

const NAMED = 2;

/** Whom playback waits for, and for how long still. */
export function holdText(hold: Hold, names: Readonly<Record<string, string>>, nowMs: number | null): string {
  const left = hold.deadline_ms === null || nowMs === null ? null : secondsUntil(hold.deadline_ms, nowMs);
  return texts.waiting(listed(hold.members.map((id) => names[id] ?? texts.someone)), left);
}

/** Whole seconds until then, counting the one that has begun. */
export function secondsUntil(thenMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((thenMs - nowMs) / 1000));
}

/** Some names as a list; of many the first, and how many more. */
function listed(names: readonly string[]): string {
  const shown = names.length > NAMED ? [names[0] ?? "", texts.others(names.length - 1)] : names;
  return shown.join(` ${texts.and} `);
}
