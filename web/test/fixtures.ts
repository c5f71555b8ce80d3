import type { Room, RoomEvent, Settings } from "../src/state/types";

export const ANA = "gst_01J00000000000000000000ANA";
export const BEN = "gst_01J00000000000000000000BEN";

/** A room at seq 10 with Ana in it and two items, the first selected and playing. */
export function room(change: Partial<Room> = {}): Room {
  return {
    room_id: "room_01J0000000000000000000ROOM",
    epoch: "e1",
    seq: 10,
    name: "Movies",
    visibility: "unlisted",
    join_rule: "public",
    default_role: "member",
    owner: ANA,
    settings: { capabilities: { chat: true, reactions: true }, control: "everyone", barrier: "grace", permissions: usual(), max_members: 1000 },
    members: [{ id: ANA, kind: "guest", display_name: "Ana", role: "owner", joined_at: "2026-01-01T00:00:00Z" }],
    offer: null,
    knocks: [],
    invites: [],
    bans: [],
    playback: {
      item_id: "itm_a",
      position_ms: 1_000,
      anchor_ms: 50_000,
      rate_permille: 1_000,
      playing: true,
      duration_ms: 30_000,
      mode: "sequential",
      hold: null,
    },
    playlist: [item("itm_a", 30_000), item("itm_b", null)],
    ready: null,
    live: null,
    live_keys: [],
    versions: { settings: 1, members: 2, playlist: 4, playback: 9, chat: 10 },
    closed: false,
    ...change,
  };
}

/** The rights of roles as they are in a new room. */
export function usual(): Settings["permissions"] {
  const nothing = () => ({ allow: [], deny: [] });
  return { admin: nothing(), moderator: nothing(), member: nothing(), guest: nothing() };
}

export function item(item_id: string, duration_ms: number | null) {
  return { item_id, url: `https://media.test/${item_id}.mp4`, title: item_id, duration_ms, added_by: ANA, delivery: "auto" };
}

export function event(seq: number, type: string, data: Record<string, unknown> = {}, actor = ANA): RoomEvent {
  return {
    seq,
    position: seq + 100,
    id: `evt_${seq}`,
    type,
    v: 1,
    at: "2026-01-01T00:00:01Z",
    actor: { id: actor, kind: "guest" },
    data,
  };
}
