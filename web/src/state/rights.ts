import { capabilities, ceiling, controller, isSpeech, leastRole, PERMISSIONS, reaches, type Permission, type Role } from "./permissions";
import type { Changeable, Member, Overrides, Room, Settings } from "./types";

/** What decides about a right, by its name; and of some, which role or capability it would take. */
export type Refusal =
  | { kind: "not_a_member" | "closed" }
  /** The role is too low: this one is needed. */
  | { kind: "role"; needed: Role }
  /** The room leaves playback to some. */
  | { kind: "control"; needed: Role }
  /** The room denies it to all of this role. */
  | { kind: "room_override"; role: string }
  /** It was taken from this member. */
  | { kind: "member_override" }
  | { kind: "muted"; until: string | null }
  /** No room can give it to roles below the lowest. */
  | { kind: "ceiling"; needed: Role; lowest: Role }
  /** The room has switched it off for all. */
  | { kind: "capability"; name: "chat" | "reactions" };

/** What one's rights depend on. */
export type Place = Pick<Member, "role" | "allow" | "deny" | "muted">;

/** Why this member may not, as far as the room tells; null: they may. The server decides, this only explains early. */
export function refusal(room: Room, member: string, permission: Permission): Refusal | null {
  const found = room.members.find(({ id }) => id === member);
  if (found === undefined) return { kind: "not_a_member" };
  if (room.closed && permission !== "room.close") return { kind: "closed" };
  return lacking(room.settings, found, permission);
}

/** Why somebody at this place lacks the right; null: they have it. */
export function lacking(settings: Settings, place: Place, permission: Permission): Refusal | null {
  const offered = capabilities(permission).filter((name) => !settings.capabilities[name]);
  const last = offered[offered.length - 1];
  if (last !== undefined) return { kind: "capability", name: last };
  return place.role === "owner" ? null : withheld(settings, place, permission);
}

/** Whether somebody at this place has it, offered by the room or not: what one can pass on to others. */
export function holds(settings: Settings, place: Place, permission: Permission): boolean {
  return place.role === "owner" || withheld(settings, place, permission) === null;
}

/** The rights of this place. */
export function held(settings: Settings, place: Place): Set<Permission> {
  return new Set(PERMISSIONS.filter((permission) => holds(settings, place, permission)));
}

/** The ceiling takes what the layers before it give. */
function withheld(settings: Settings, place: Place, permission: Permission): Refusal | null {
  const why = denied(settings, place, permission);
  if (why !== null || reaches(place.role, ceiling(permission))) return why;
  return { kind: "ceiling", needed: leastRole(permission), lowest: ceiling(permission) };
}

/** The later layer wins over the earlier: asked from the last one on. */
function denied(settings: Settings, place: Place, permission: Permission): Refusal | null {
  const { role, allow = [], deny = [], muted } = place;
  if (muted !== undefined && isSpeech(permission)) return { kind: "muted", until: muted.expires_at };
  if (deny.includes(permission)) return { kind: "member_override" };
  if (allow.includes(permission)) return null;
  const usual: Overrides = settings.permissions[role as Changeable];
  if (usual.deny.includes(permission)) return { kind: "room_override", role };
  if (usual.allow.includes(permission)) return null;
  const least = controller(settings.control, permission);
  if (least !== null && !reaches(role, least)) return { kind: "control", needed: least };
  const needed = leastRole(permission);
  return reaches(role, needed) ? null : { kind: "role", needed };
}
