import { expire } from "./expiry";
import { number, strings, text } from "./fields";
import { inOrder } from "./order";
import { changed, kindOf } from "./reducer_members";
import type { Room, RoomEvent } from "./types";

/** Folds knocks, invites, bans, mutes and rights of single members; null when only a new snapshot can tell. */
export function foldDoors(room: Room, event: RoomEvent): Room | null {
  const now = () => expire(room, event.at ?? "");
  const member = text(event, "member") ?? "";
  switch (event.type) {
    case "member.knocked":
      return knocked(now(), event, member);
    case "member.approved":
      return room;
    case "member.rejected":
      return { ...now(), knocks: now().knocks.filter(({ id }) => id !== member) };
    case "member.unbanned":
      return { ...now(), bans: now().bans.filter(({ id }) => id !== member) };
    case "member.muted":
      return { ...now(), members: changed(now(), member, (one) => ({ ...one, muted: { expires_at: text(event, "expires_at") } })) };
    case "member.unmuted":
      return { ...now(), members: changed(now(), member, ({ muted: _, ...one }) => one) };
    case "member.permissions_overridden":
      return overridden(room, event, member);
    case "invite.created":
      return invited(now(), event);
    case "invite.revoked":
      return { ...now(), invites: now().invites.filter(({ invite_id }) => invite_id !== text(event, "invite_id")) };
    default:
      return null;
  }
}

function knocked(room: Room, event: RoomEvent, id: string): Room {
  const knock = {
    id,
    kind: kindOf(id),
    display_name: text(event, "display_name"),
    message: text(event, "message"),
    at: event.at ?? "",
    expires_at: text(event, "expires_at") ?? "",
  };
  return { ...room, knocks: inOrder([...room.knocks.filter((other) => other.id !== id), knock]) };
}

function overridden(room: Room, event: RoomEvent, id: string): Room | null {
  const [allow, deny] = [strings(event, "allow"), strings(event, "deny")];
  if (allow === null || deny === null) return null;
  const members = changed(room, id, ({ allow: _, deny: __, ...member }) => ({
    ...member,
    ...(allow.length > 0 ? { allow } : {}),
    ...(deny.length > 0 ? { deny } : {}),
  }));
  return { ...room, members };
}

function invited(room: Room, event: RoomEvent): Room {
  const invite = {
    invite_id: text(event, "invite_id") ?? "",
    by: event.actor?.id ?? "",
    role: text(event, "role"),
    max_uses: number(event, "max_uses"),
    uses: 0,
    at: event.at ?? "",
    expires_at: text(event, "expires_at") ?? "",
  };
  const invites = [...room.invites.filter(({ invite_id }) => invite_id !== invite.invite_id), invite];
  return { ...room, invites: invites.sort((one, other) => (one.invite_id < other.invite_id ? -1 : 1)) };
}
