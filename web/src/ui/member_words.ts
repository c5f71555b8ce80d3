import { moment } from "../moments";
import type { Member } from "../state/types";
import { members as texts } from "../strings";

/** That somebody is muted, and until when; nothing if they are not. */
export function mutedWords({ muted }: Pick<Member, "muted">): string[] {
  if (muted === undefined) return [];
  return [muted.expires_at === null ? texts.muted : texts.mutedUntil(moment(muted.expires_at))];
}
