import { PERMISSIONS, type Permission } from "./permissions";
import type { Overrides, Room } from "./types";

/** What is said of one right: nothing, so that it is as usual, or that it is given or taken. */
export type Stance = "usual" | "allow" | "deny";

export const NOTHING_SAID: Overrides = { allow: [], deny: [] };

export function stanceOf({ allow, deny }: Overrides, permission: Permission): Stance {
  if (deny.includes(permission)) return "deny";
  return allow.includes(permission) ? "allow" : "usual";
}

/** The same but for one right. */
export function withStance(overrides: Overrides, permission: Permission, stance: Stance): Overrides {
  const chosen = (wanted: Stance) => (one: Permission) => (one === permission ? stance : stanceOf(overrides, one)) === wanted;
  return { allow: PERMISSIONS.filter(chosen("allow")), deny: PERMISSIONS.filter(chosen("deny")) };
}

/** The rights of which the two do not say the same. */
export function differing(one: Overrides, other: Overrides): Permission[] {
  return PERMISSIONS.filter((permission) => stanceOf(one, permission) !== stanceOf(other, permission));
}

/** What is said of a member's rights; null: they are no member. */
export function overridesOf(room: Room, member: string): Overrides | null {
  const found = room.members.find(({ id }) => id === member);
  return found === undefined ? null : { allow: found.allow ?? [], deny: found.deny ?? [] };
}

