import type { Room } from "./types";

/** Every role, the lowest first. */
export const ROLES = ["guest", "member", "moderator", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** The lowest role that has a right, and the lowest that can be given it; in the order in which the server lists them. */
const RIGHTS = {
  "playback.control": ["member", "guest"],
  "playback.navigate": ["member", "guest"],
  "playback.rate": ["member", "guest"],
  "queue.add": ["member", "guest"],
  "queue.edit_own": ["member", "guest"],
  "queue.edit_any": ["moderator", "member"],
  "queue.clear": ["moderator", "member"],
  "chat.send": ["guest", "guest"],
  "chat.react": ["guest", "guest"],
  "chat.delete_any": ["moderator", "member"],
  "members.invite": ["member", "member"],
  "members.review": ["moderator", "member"],
  "members.mute": ["moderator", "member"],
  "members.kick": ["moderator", "member"],
  "members.ban": ["moderator", "moderator"],
  "live.publish": ["moderator", "member"],
  "live.stop": ["moderator", "member"],
  "roles.assign": ["admin", "moderator"],
  "permissions.override": ["admin", "moderator"],
  "room.settings": ["admin", "moderator"],
  "room.join_rule": ["admin", "moderator"],
  "room.close": ["owner", "owner"],
  "room.transfer": ["owner", "owner"],
} as const satisfies Record<string, readonly [Role, Role]>;

export type Permission = keyof typeof RIGHTS;

export const PERMISSIONS = Object.keys(RIGHTS) as Permission[];

/** The lowest role that has the right unless the room says otherwise. */
export function leastRole(permission: Permission): Role {
  return RIGHTS[permission][0];
}

/** The lowest role that can have it, whatever the room says. */
export function ceiling(permission: Permission): Role {
  return RIGHTS[permission][1];
}

export function reaches(role: string, least: Role): boolean {
  return rank(role) >= rank(least);
}

/** Whether a role stands above another one: people act only on those below them. */
export function outranks(role: string, other: string): boolean {
  return rank(role) > rank(other);
}

function rank(role: string): number {
  return ROLES.indexOf(role as Role);
}

/** Whether a mute takes it away. */
export function isSpeech(permission: Permission): boolean {
  return permission === "chat.send" || permission === "chat.react";
}

/** What the room has to have for the right to be worth anything. */
export function capabilities(permission: Permission): (keyof Room["settings"]["capabilities"])[] {
  if (permission === "chat.react") return ["chat", "reactions"];
  return permission === "chat.send" ? ["chat"] : [];
}

/** Who may hold the rights over playback, if the room leaves them to some. */
export function controller(control: Room["settings"]["control"], permission: Permission): Role | null {
  if (!permission.startsWith("playback.") || control === "everyone") return null;
  return control === "owner" ? "owner" : "moderator";
}
