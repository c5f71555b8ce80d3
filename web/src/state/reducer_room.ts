import { bool, has, number, strings, text } from "./fields";
import { foldPlaylist } from "./reducer_playlist";
import { foldReady, moved, without } from "./reducer_ready";
import type { ActorKind, Hold, Mode, Motion, Room, RoomEvent } from "./types";

/** Events that leave what the page shows of a room as it is. */
const SILENT = new Set([
  "redacted",
  "room.transfer_offered",
  "member.knocked",
  "member.rejected",
  "member.unbanned",
  "member.muted",
  "member.unmuted",
  "member.permissions_overridden",
  "invite.created",
  "invite.revoked",
]);
const SILENT_FAMILIES = ["chat.", "live."];

const SETTINGS = ["barrier", "control"];

/** The room after the event (its seq is the caller's), or null if only a new snapshot can tell. */
export function foldRoom(room: Room, event: RoomEvent): Room | null {
  const { type } = event;
  if (SILENT.has(type) || SILENT_FAMILIES.some((family) => type.startsWith(family))) return room;
  if (type.startsWith("playlist.")) return foldPlaylist(room, event);
  if (type.startsWith("ready.")) return foldReady(room, event);
  if (type === "playback.mode_set") return withMode(room, event);
  if (type.startsWith("playback.")) return withMotion(room, event);
  switch (type) {
    case "room.settings_updated":
      return withSettings(room, event);
    case "room.join_rule_set":
      return { ...room, join_rule: text(event, "join_rule") ?? room.join_rule };
    case "room.closed":
      return atRest({ ...room, closed: true });
    case "room.reopened":
      return atRest({ ...room, closed: false });
    case "member.joined":
      return withMember(room, event);
    case "member.left":
    case "member.kicked":
    case "member.banned":
      return withoutMember(room, text(event, "member") ?? event.actor?.id);
    case "member.role_set":
      return withRole(room, event);
    default:
      return null;
  }
}

/** Nothing is under way that would go on by itself. */
function atRest(room: Room): Room {
  return { ...room, ready: null, playback: room.playback.hold === null ? room.playback : { ...room.playback, hold: null } };
}

function withMotion(room: Room, event: RoomEvent): Room | null {
  const motion = readMotion(event);
  if (motion === null) return null;
  const item = room.playlist.find((candidate) => candidate.item_id === motion.item_id);
  const hold = holdAfter(room.playback.hold, event);
  const playback = { ...room.playback, ...motion, duration_ms: item?.duration_ms ?? null, hold };
  return { ...room, playback, ready: moved(room, motion) };
}

/** Jumps and rates leave a wait as it is; whatever else decides whether it plays ends it. */
function holdAfter(hold: Hold | null, event: RoomEvent): Hold | null {
  if (event.type === "playback.held") {
    return { members: strings(event, "members") ?? [], deadline_ms: number(event, "deadline_ms") };
  }
  return event.type === "playback.seeked" || event.type === "playback.rate_set" ? hold : null;
}

function readMotion(event: RoomEvent): Motion | null {
  const position_ms = number(event, "position_ms");
  const anchor_ms = number(event, "anchor_ms");
  const rate_permille = number(event, "rate_permille");
  const playing = bool(event, "playing");
  if (!has(event, "item_id") || position_ms === null || anchor_ms === null) return null;
  if (rate_permille === null || playing === null) return null;
  return { item_id: text(event, "item_id"), position_ms, anchor_ms, rate_permille, playing };
}

function withMode(room: Room, event: RoomEvent): Room | null {
  const mode = text(event, "mode");
  return mode === null ? null : { ...room, playback: { ...room.playback, mode: mode as Mode } };
}

/** The event carries only what was changed. */
function withSettings(room: Room, event: RoomEvent): Room {
  const changed = Object.entries(event.data ?? {}).filter(([key]) => SETTINGS.includes(key));
  const switched = event.data?.["capabilities"];
  if (typeof switched === "object" && switched !== null) {
    changed.push(["capabilities", { ...room.settings.capabilities, ...switched }]);
  }
  return {
    ...room,
    name: text(event, "name") ?? room.name,
    visibility: text(event, "visibility") ?? room.visibility,
    default_role: text(event, "default_role") ?? room.default_role,
    settings: changed.length > 0 ? { ...room.settings, ...Object.fromEntries(changed) } : room.settings,
  };
}

function withMember(room: Room, event: RoomEvent): Room | null {
  const id = text(event, "member") ?? event.actor?.id;
  if (id === undefined) return null;
  const member = {
    id,
    kind: kindOf(id),
    display_name: text(event, "display_name"),
    role: text(event, "role") ?? room.default_role,
    joined_at: event.at ?? "",
  };
  return { ...room, members: [...room.members.filter((other) => other.id !== id), member] };
}

function withoutMember(room: Room, id: string | undefined): Room {
  if (id === undefined) return room;
  const others = (ids: string[]) => ids.filter((other) => other !== id);
  const { hold } = room.playback;
  const playback = hold === null ? room.playback : { ...room.playback, hold: { ...hold, members: others(hold.members) } };
  const members = room.members.filter((member) => member.id !== id);
  return { ...room, members, playback, ready: without(room.ready, id) };
}

function withRole(room: Room, event: RoomEvent): Room | null {
  const id = text(event, "member");
  const role = text(event, "role");
  if (id === null || role === null) return null;
  const members = room.members.map((member) => (member.id === id ? { ...member, role } : member));
  return { ...room, members };
}

function kindOf(id: string): ActorKind {
  if (id.startsWith("usr_")) return "user";
  return id.startsWith("gst_") ? "guest" : "system";
}
