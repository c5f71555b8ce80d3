import { refusal, type Permission, type Refusal } from "../state/rights";
import type { Room } from "../state/types";
import { player as texts } from "../strings";

/** Why this member may not do that, as a sentence; null: they may. */
export function rightTo(room: Room, member: string, permission: Permission): string | null {
  const refused = refusal(room, member, permission);
  return refused === null ? null : sentence(refused);
}

function sentence(refused: Refusal): string {
  if (refused.kind === "role" || refused.kind === "control") return texts.refusals[refused.kind](texts.roles[refused.needed]);
  return texts.refusals[refused.kind];
}
