import { expire } from "./expiry";
import { text } from "./fields";
import type { LiveKey, Room, RoomEvent } from "./types";

/** Folds the live stream and the keys for it; null when only a new snapshot can tell. */
export function foldLive(room: Room, event: RoomEvent): Room | null {
  switch (event.type) {
    case "live.key_created":
      return keyCreated(expire(room, event.at ?? ""), event);
    case "live.key_revoked":
      return { ...room, live_keys: withoutKey(room, text(event, "key_id") ?? "") };
    case "live.started":
      return { ...room, live: { by: text(event, "by") ?? "", seq: event.seq, started_at: event.at ?? "" } };
    case "live.stopped":
      return { ...room, live: null };
    default:
      return null;
  }
}

function keyCreated(room: Room, event: RoomEvent): Room {
  const key_id = text(event, "key_id") ?? "";
  const key = { key_id, by: event.actor?.id ?? "", at: event.at ?? "", expires_at: text(event, "expires_at") ?? "" };
  const live_keys = [...withoutKey(room, key_id), key];
  return { ...room, live_keys: live_keys.sort((one, other) => (one.key_id < other.key_id ? -1 : 1)) };
}

function withoutKey({ live_keys }: Room, id: string): LiveKey[] {
  return live_keys.filter(({ key_id }) => key_id !== id);
}
