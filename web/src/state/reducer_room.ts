import { bool, has, number, strings, text } from "./fields";
import { foldDoors } from "./reducer_doors";
import { foldLive } from "./reducer_live";
import { foldMembers } from "./reducer_members";
import { foldPlaylist } from "./reducer_playlist";
import { foldReady, moved } from "./reducer_ready";
import type { Hold, Mode, Motion, Room, RoomEvent } from "./types";


/** Of members, but named otherwise. */
const OF_MEMBERS = ["room.transfer_offered", "room.transferred", "room.guests_expelled"];

const SETTINGS = ["barrier", "control", "max_members"];

/** The room after the event (its seq is the caller's), or null if only a new snapshot can tell. */
export function foldRoom(room: Room, event: RoomEvent): Room | null {
  const { type } = event;
  // What is said in the chat leaves the room as it is.
  if (type === "redacted" || type.startsWith("chat.")) return room;
  if (type.startsWith("live.")) return foldLive(room, event);
  if (type.startsWith("invite.")) return foldDoors(room, event);
  if (type.startsWith("member.") || OF_MEMBERS.includes(type)) {
    return foldDoors(room, event) ?? foldMembers(room, event);
  }
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
  const rights = event.data?.["permissions"];
  if (typeof rights === "object" && rights !== null) changed.push(["permissions", { ...room.settings.permissions, ...rights }]);
  return {
    ...room,
    name: text(event, "name") ?? room.name,
    visibility: text(event, "visibility") ?? room.visibility,
    default_role: text(event, "default_role") ?? room.default_role,
    settings: changed.length > 0 ? { ...room.settings, ...Object.fromEntries(changed) } : room.settings,
  };
}
