import { refused } from "../strings";
import { moment } from "../moments";
import type { Refusal } from "./rights";

/** Why somebody may not, in words; null: they may. */
export function whyNot(refusal: Refusal | null): string | null {
  if (refusal === null) return null;
  switch (refusal.kind) {
    case "role":
    case "control":
      return refused[refusal.kind](refusal.needed);
    case "ceiling":
      return refused.ceiling(refusal.needed, refusal.lowest);
    case "room_override":
      return refused.room_override(refusal.role);
    case "muted":
      return refused.muted(refusal.until === null ? null : moment(refusal.until));
    case "capability":
      return refused[refusal.name];
    default:
      return refused[refusal.kind];
  }
}
