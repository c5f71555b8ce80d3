import type { Room } from "./types";

interface Ending {
  expires_at: string | null;
}

/** The room without what is over at an instant; itself if nothing is. Instants are RFC 3339 of one form, which sorts by time. */
export function expire(room: Room, at: string): Room {
  const lasts = ({ expires_at }: Ending) => expires_at === null || expires_at > at;
  const knocks = kept(room.knocks, lasts);
  const bans = kept(room.bans, lasts);
  const invites = kept(room.invites, (invite) => lasts(invite) && !(invite.max_uses !== null && invite.uses >= invite.max_uses));
  const live_keys = kept(room.live_keys, lasts);
  const silent = room.members.every(({ muted }) => muted === undefined || lasts(muted));
  const members = silent ? room.members : room.members.map(({ muted, ...member }) => (muted && lasts(muted) ? { ...member, muted } : member));
  const lists = { knocks, bans, invites, live_keys, members };
  return (Object.keys(lists) as (keyof typeof lists)[]).every((list) => lists[list] === room[list]) ? room : { ...room, ...lists };
}

/** When something in the room is over next; null: nothing ends by itself. */
export function nextEnd({ knocks, bans, invites, live_keys, members }: Room): string | null {
  const ends = [...knocks, ...bans, ...invites, ...live_keys, ...members.flatMap(({ muted }) => muted ?? [])].flatMap(({ expires_at }) => expires_at ?? []);
  return ends.reduce<string | null>((first, end) => (first === null || end < first ? end : first), null);
}

function kept<T>(list: T[], keep: (entry: T) => boolean): T[] {
  return list.every(keep) ? list : list.filter(keep);
}
