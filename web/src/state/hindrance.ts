import { refused } from "../strings";
import { outranks, type Permission } from "./permissions";
import { refusal } from "./rights";
import type { Room } from "./types";
import { whyNot } from "./why_not";

/** Why something cannot be done, in words; and the right that is lacking, if that is why. */
export interface Hindrance {
  text: string;
  lacks?: Permission;
}

/** Why this person may not; null: they may. */
export function hindrance(room: Room, me: string, permission: Permission): Hindrance | null {
  const why = refusal(room, me, permission);
  const text = whyNot(why);
  if (text === null) return null;
  return why?.kind === "closed" || why?.kind === "not_a_member" ? { text } : { text, lacks: permission };
}

/** Why this person may not do something to a member. */
export function hindranceAbout(room: Room, me: string, member: string, permission: Permission): Hindrance | null {
  if (member === me) return { text: refused.oneself };
  const lacking = hindrance(room, me, permission);
  const [own, other] = [me, member].map((id) => room.members.find((one) => one.id === id)?.role);
  if (lacking !== null || own === undefined || other === undefined || outranks(own, other)) return lacking;
  return { text: refused.rank };
}
