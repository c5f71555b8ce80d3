import { has, number, text } from "./fields";
import type { Item, Playback, Room, RoomEvent } from "./types";

/** Folds the playlist's events; null when only a new snapshot can tell. */
export function foldPlaylist(room: Room, event: RoomEvent): Room | null {
  if (event.type === "playlist.cleared") {
    return { ...room, playlist: [], playback: stopped(room.playback) };
  }
  const id = text(event, "item_id");
  if (id === null) return null;
  switch (event.type) {
    case "playlist.added":
      return added(room, id, event);
    case "playlist.updated":
      return updated(room, id, event);
    case "playlist.moved":
      return moved(room, id, event);
    case "playlist.removed":
      return removed(room, id);
    default:
      return null;
  }
}

function added(room: Room, id: string, event: RoomEvent): Room | null {
  const item: Item = {
    item_id: id,
    url: text(event, "url") ?? "",
    title: text(event, "title"),
    duration_ms: number(event, "duration_ms"),
    added_by: text(event, "added_by") ?? event.actor?.id ?? "",
  };
  const after = text(event, "after");
  const playlist = after === null ? [...room.playlist, item] : insertAfter(room.playlist, item, after);
  return playlist === null ? null : { ...room, playlist };
}

function updated(room: Room, id: string, event: RoomEvent): Room {
  const change = (item: Item): Item => ({
    ...item,
    title: text(event, "title") ?? item.title,
    duration_ms: number(event, "duration_ms") ?? item.duration_ms,
  });
  const playlist = room.playlist.map((item) => (item.item_id === id ? change(item) : item));
  if (room.playback.item_id !== id) return { ...room, playlist };
  const duration_ms = number(event, "duration_ms") ?? room.playback.duration_ms;
  return { ...room, playlist, playback: { ...room.playback, duration_ms } };
}

/** `after` is the item before the new place, or null for the first place. */
function moved(room: Room, id: string, event: RoomEvent): Room | null {
  const item = room.playlist.find((candidate) => candidate.item_id === id);
  if (item === undefined || !has(event, "after")) return null;
  const others = room.playlist.filter((candidate) => candidate.item_id !== id);
  const after = text(event, "after");
  const playlist = after === null ? [item, ...others] : insertAfter(others, item, after);
  return playlist === null ? null : { ...room, playlist };
}

function removed(room: Room, id: string): Room {
  const playlist = room.playlist.filter((item) => item.item_id !== id);
  const playback = room.playback.item_id === id ? stopped(room.playback) : room.playback;
  return { ...room, playlist, playback };
}

function insertAfter(list: readonly Item[], item: Item, after: string): Item[] | null {
  const at = list.findIndex((candidate) => candidate.item_id === after);
  return at < 0 ? null : [...list.slice(0, at + 1), item, ...list.slice(at + 1)];
}

function stopped(playback: Playback): Playback {
  return { ...playback, item_id: null, position_ms: 0, playing: false, duration_ms: null };
}
