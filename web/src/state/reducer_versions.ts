import { has, text } from "./fields";
import type { Room, RoomEvent, Versions } from "./types";

const FAMILIES: Readonly<Record<string, keyof Versions>> = {
  room: "settings",
  member: "members",
  playlist: "playlist",
  playback: "playback",
  chat: "chat",
  // What a withdrawn message said.
  redacted: "chat",
};

/** What is said of people at the door changes nobody's place; and what is said of the room may be about its members. */
const OTHERWISE: Readonly<Record<string, keyof Versions | null>> = {
  "member.knocked": null,
  "member.approved": null,
  "member.rejected": null,
  "room.transfer_offered": "members",
  "room.transferred": "members",
  "room.guests_expelled": "members",
};

/** The versions after an event, given the room before it. */
export function foldVersions(room: Room, event: RoomEvent): Versions {
  const family = event.type.split(".", 1)[0] ?? "";
  const concern = event.type in OTHERWISE ? OTHERWISE[event.type] : FAMILIES[family];
  const versions = concern == null ? room.versions : { ...room.versions, [concern]: event.seq };
  return touchesPlayback(room, event) ? { ...versions, playback: event.seq } : versions;
}

/** The current item has another length, or is gone. */
function touchesPlayback({ playback }: Room, event: RoomEvent): boolean {
  if (event.type === "playlist.cleared") return playback.item_id !== null;
  if (playback.item_id === null || playback.item_id !== text(event, "item_id")) return false;
  return event.type === "playlist.removed" || (event.type === "playlist.updated" && has(event, "duration_ms"));
}
