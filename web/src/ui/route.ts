const ROOM_ID = /room_[0-9A-Z]{26}/;

/** The room that an address names, as `/r/room_…` or `#room_…`; null if none. */
export function roomIn(address: string): string | null {
  const path = address.match(new RegExp(`/r/(${ROOM_ID.source})(?![0-9A-Z])`));
  const hash = address.match(new RegExp(`#(${ROOM_ID.source})(?![0-9A-Z])`));
  const bare = address.match(new RegExp(`^(${ROOM_ID.source})$`));
  return (path ?? hash ?? bare)?.[1] ?? null;
}

const TOKEN = /#(?:.*&)?invite=([\w-]+)/;

/** The token of an invite that an address carries, where no server sees it; null if none. */
export function inviteIn(address: string): string | null {
  return address.match(TOKEN)?.[1] ?? null;
}

export function inviteLink(origin: string, room: string, token: string): string {
  return `${roomLink(origin, room)}#invite=${token}`;
}

export function roomLink(origin: string, room: string): string {
  return `${origin}/r/${room}`;
}
