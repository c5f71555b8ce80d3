import { expire } from "./expiry";
import { strings, text } from "./fields";
import { inOrder } from "./order";
import { without } from "./reducer_ready";
import type { ActorKind, Member, Muted, Room, RoomEvent } from "./types";

/** Folds who is in the room and what they are; null when only a new snapshot can tell. */
export function foldMembers(room: Room, event: RoomEvent): Room | null {
  const member = text(event, "member") ?? event.actor?.id;
  if (member === undefined) return null;
  switch (event.type) {
    case "member.joined":
      return over(joined(room, event, member), event);
    case "member.left":
    case "member.kicked":
      return over(gone(room, [member]), event);
    case "room.guests_expelled":
      return over(gone(room, strings(event, "members") ?? []), event);
    case "member.banned":
      return banned(room, event, member);
    case "member.role_set":
      return withRole(room, member, text(event, "role"));
    case "room.transferred":
      return transferred(room, text(event, "from"), text(event, "to"));
    case "room.transfer_offered":
      return { ...room, offer: text(event, "member") === null ? null : { member, at: event.at ?? "" } };
    default:
      return null;
  }
}

/** What is over by the time of an event is forgotten with it. */
function over(room: Room, event: RoomEvent): Room {
  return expire(room, event.at ?? "");
}

function joined(room: Room, event: RoomEvent, id: string): Room {
  const deny = strings(event, "deny") ?? [];
  const muted = event.data?.["muted"] as Muted | undefined;
  const member: Member = {
    id,
    kind: kindOf(id),
    display_name: text(event, "display_name"),
    role: text(event, "role") ?? room.default_role,
    joined_at: event.at ?? "",
    ...(deny.length > 0 ? { deny } : {}),
    ...(muted === undefined ? {} : { muted }),
  };
  const invite = text(event, "invite");
  return {
    ...room,
    members: [...room.members.filter((other) => other.id !== id), member],
    knocks: room.knocks.filter((knock) => knock.id !== id),
    invites: room.invites.map((one) => (one.invite_id === invite ? { ...one, uses: one.uses + 1 } : one)),
  };
}

function gone(room: Room, ids: readonly string[]): Room {
  return ids.reduce(withoutMember, room);
}

function withoutMember(room: Room, id: string): Room {
  const others = (ids: string[]) => ids.filter((other) => other !== id);
  const { hold } = room.playback;
  const playback = hold === null ? room.playback : { ...room.playback, hold: { ...hold, members: others(hold.members) } };
  const members = room.members.filter((member) => member.id !== id);
  const offer = room.offer?.member === id ? null : room.offer;
  const invites = room.invites.filter((invite) => invite.by !== id);
  return { ...room, members, offer, invites, playback, ready: without(room.ready, id) };
}

/** What they were called stays with the ban, as far as the room knows it. */
function banned(room: Room, event: RoomEvent, id: string): Room {
  const named = [...room.members, ...room.knocks, ...room.bans].find((known) => known.id === id);
  const ban = {
    id,
    kind: kindOf(id),
    display_name: named?.display_name ?? null,
    reason: text(event, "reason"),
    by: event.actor?.id ?? "",
    at: event.at ?? "",
    expires_at: text(event, "expires_at"),
  };
  const rest = { ...room, knocks: room.knocks.filter((knock) => knock.id !== id), bans: room.bans.filter((known) => known.id !== id) };
  const left = over(gone(rest, [id]), event);
  return { ...left, bans: inOrder([...left.bans, ban]) };
}

function withRole(room: Room, id: string, role: string | null): Room | null {
  if (role === null) return null;
  return { ...room, members: changed(room, id, (member) => ({ ...member, role })) };
}

/** An owner has every right, and keeps nothing that was said of them before. */
function transferred(room: Room, from: string | null, to: string | null): Room | null {
  if (from === null || to === null) return null;
  const lowered = changed(room, from, (member) => ({ ...member, role: "admin" }));
  const members = changed({ ...room, members: lowered }, to, ({ allow: _, deny: __, muted: ___, ...member }) => ({ ...member, role: "owner" }));
  return { ...room, members, owner: to, offer: null };
}

export function changed(room: Room, id: string, change: (member: Member) => Member): Member[] {
  return room.members.map((member) => (member.id === id ? change(member) : member));
}

export function kindOf(id: string): ActorKind {
  if (id.startsWith("usr_")) return "user";
  return id.startsWith("gst_") ? "guest" : "system";
}
