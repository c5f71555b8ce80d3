import type { Room } from "./types";

/** Every role, the lowest first. */
export const ROLES = ["guest", "member", "moderator", "admin", "owner"] as const;
type Role = (typeof ROLES)[number];

/** The lowest role that has a right; the server's table is `domain/src/room/permission.rs`, and `tests/golden/rights.json` holds both to the same. */
const LEAST = {
  "playback.control": "member",
  "playback.navigate": "member",
  "playback.rate": "member",
  "queue.add": "member",
  "queue.edit_own": "member",
  "queue.edit_any": "moderator",
  "queue.clear": "moderator",
  "chat.send": "guest",
  "chat.react": "guest",
  "chat.delete_any": "moderator",
  "members.kick": "moderator",
  "roles.assign": "admin",
  "room.settings": "admin",
  "room.close": "owner",
} as const satisfies Record<string, Role>;

export type Permission = keyof typeof LEAST;

/** Why somebody may not do something. */
export type Refusal =
  | { kind: "not_a_member" }
  | { kind: "closed" }
  /** The role is too low: this one is needed. */
  | { kind: "role"; needed: Role }
  /** The room leaves playback to some. */
  | { kind: "control"; needed: Role }
  /** The room has no chat. */
  | { kind: "capability" };

/** Why this member may not, as far as the room tells; null: they may. The server decides, this only explains early. */
export function refusal(room: Room, member: string, permission: Permission): Refusal | null {
  const role = room.members.find(({ id }) => id === member)?.role;
  if (role === undefined) return { kind: "not_a_member" };
  if (room.closed && permission !== "room.close") return { kind: "closed" };
  if (permission === "chat.send" || permission === "chat.react") {
    if (!room.settings.capabilities.chat) return { kind: "capability" };
  }
  const least = controller(room, permission);
  if (least !== null && rank(role) < rank(least)) return { kind: "control", needed: least };
  const needed = LEAST[permission];
  return rank(role) < rank(needed) ? { kind: "role", needed } : null;
}

/** Who may steer at all, if the room restricts it. */
function controller(room: Room, permission: Permission): Role | null {
  if (!permission.startsWith("playback.") || room.settings.control === "everyone") return null;
  return room.settings.control === "owner" ? "owner" : "moderator";
}

/** Whether a role stands above another one: people act only on those below them. */
export function outranks(role: string, other: string): boolean {
  return rank(role) > rank(other);
}

function rank(role: string): number {
  return ROLES.indexOf(role as Role);
}
