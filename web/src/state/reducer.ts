import { text } from "./fields";
import { foldRoom } from "./reducer_room";
import { foldVersions } from "./reducer_versions";
import type { Room, RoomEvent } from "./types";

/** All that the page shows of a room. Immutable: what did not change keeps its identity. */
export interface State {
  room: Room;
  /** The newest events, oldest first. */
  log: readonly RoomEvent[];
  /** Names by member id, those who left included: what they said and did stays. */
  names: Readonly<Record<string, string>>;
}

export type Outcome =
  | { kind: "applied"; state: State }
  /** Already folded. */
  | { kind: "duplicate" }
  /** An event before this one is missing. */
  | { kind: "hole" }
  /** The event says too little to fold it, so that the room has to be read again. */
  | { kind: "stale" };

const LOG_LENGTH = 500;

/** The state right after a snapshot; `past` are the events up to it, which only the log needs. */
export function begin(room: Room, past: readonly RoomEvent[]): State {
  const known = past.filter((event) => event.seq <= room.seq);
  return {
    room,
    log: known.slice(-LOG_LENGTH),
    names: { ...known.reduce(foldNames, {}), ...namesOf(room) },
  };
}

/** Folds one event over the state. */
export function apply(state: State, event: RoomEvent): Outcome {
  const head = state.room.seq;
  if (event.seq <= head) return { kind: "duplicate" };
  if (event.seq !== head + 1) return { kind: "hole" };
  const folded = foldRoom(state.room, event);
  if (folded === null) return { kind: "stale" };
  const room = { ...folded, seq: event.seq, versions: foldVersions(state.room, event) };
  const log = [...state.log, event].slice(-LOG_LENGTH);
  return { kind: "applied", state: { room, log, names: foldNames(state.names, event) } };
}

type Names = Readonly<Record<string, string>>;

function foldNames(names: Names, event: RoomEvent): Names {
  const id = text(event, "member") ?? event.actor?.id;
  const name = text(event, "display_name");
  return id === undefined || name === null ? names : { ...names, [id]: name };
}

function namesOf(room: Room): Names {
  const named = [...room.bans, ...room.knocks, ...room.members].flatMap(({ id, display_name }) => (display_name === null ? [] : [[id, display_name]]));
  return Object.fromEntries(named) as Names;
}
