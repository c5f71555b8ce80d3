import { has, number, text } from "./fields";
import { moved as readyAfter } from "./reducer_ready";
import type { Item, Room, RoomEvent } from "./types";

/** Folds the playlist's events; null when only a new snapshot can tell. */
export function foldPlaylist(room: Room, event: RoomEvent): Room | null {
  if (event.type === "playlist.cleared") {
    const { item_id } = room.playback;
    return item_id === null ? { ...room, playlist: [] } : { ...unloaded(room), playlist: [] };
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
  if (!has(event, "after")) return null;
  // An id that is taken stays with its item.
  if (room.playlist.some((item) => item.item_id === id)) return room;
  const item: Item = {
    item_id: id,
    url: text(event, "url") ?? "",
    title: text(event, "title"),
    duration_ms: number(event, "duration_ms"),
    added_by: text(event, "added_by") ?? event.actor?.id ?? "",
    delivery: text(event, "delivery") ?? "auto",
  };
  return inserted(room, room.playlist, item, text(event, "after"));
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

function moved(room: Room, id: string, event: RoomEvent): Room | null {
  const item = room.playlist.find((candidate) => candidate.item_id === id);
  if (item === undefined || !has(event, "after")) return null;
  const others = room.playlist.filter((candidate) => candidate.item_id !== id);
  return inserted(room, others, item, text(event, "after"));
}

function removed(room: Room, id: string): Room {
  const playlist = room.playlist.filter((item) => item.item_id !== id);
  return room.playback.item_id === id ? { ...unloaded(room), playlist } : { ...room, playlist };
}

/** `after` is the item before the new place, or null for the first place. */
function inserted(room: Room, others: readonly Item[], item: Item, after: string | null): Room | null {
  const at = after === null ? 0 : others.findIndex(({ item_id }) => item_id === after) + 1;
  if (after !== null && at === 0) return null;
  return { ...room, playlist: [...others.slice(0, at), item, ...others.slice(at)] };
}

/** Rate and mode stay for what comes next. */
function unloaded(room: Room): Room {
  const { rate_permille, mode } = room.playback;
  const nothing = { item_id: null, position_ms: 0, anchor_ms: 0, rate_permille, playing: false };
  return { ...room, playback: { ...nothing, duration_ms: null, mode, hold: null }, ready: readyAfter(room, nothing) };
}
