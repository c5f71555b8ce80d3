import { refused } from "../strings";
import type { Refusal } from "./rights";

/** Why somebody may not, in words; null: they may. */
export function whyNot(refusal: Refusal | null): string | null {
  if (refusal === null) return null;
  if (refusal.kind === "role" || refusal.kind === "control") return refused[refusal.kind](refusal.needed);
  return refused[refusal.kind];
}
