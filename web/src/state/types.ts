/** The shapes that the server answers with, as far as the page reads them. */

export type ActorKind = "user" | "guest" | "system";
export type Mode = "sequential" | "repeat_one" | "repeat_all" | "shuffle";

export interface Actor {
  id: string;
  kind: ActorKind;
}

export interface Member {
  id: string;
  kind: ActorKind;
  /** null once the person was erased. */
  display_name: string | null;
  role: string;
  joined_at: string;
  /** Rights beyond those of the role; absent: none. */
  allow?: string[];
  /** Rights of the role that were taken away; absent: none. */
  deny?: string[];
  /** May not write or react. */
  muted?: Muted;
}

/** null: until somebody ends it. */
export interface Muted {
  expires_at: string | null;
}

/** The owner would give the room to a member. */
export interface Offer {
  member: string;
  at: string;
}

/** Somebody who waits to be let in. */
export interface Knock {
  id: string;
  kind: ActorKind;
  display_name: string | null;
  message: string | null;
  at: string;
  expires_at: string;
}

/** An invite that can still be used. */
export interface Invite {
  invite_id: string;
  by: string;
  /** What its users become; null: what every joiner does. */
  role: string | null;
  /** null: any number. */
  max_uses: number | null;
  uses: number;
  at: string;
  expires_at: string;
}

export interface Ban {
  id: string;
  kind: ActorKind;
  display_name: string | null;
  reason: string | null;
  by: string;
  at: string;
  /** null: for good. */
  expires_at: string | null;
}

export interface Item {
  item_id: string;
  url: string;
  title: string | null;
  duration_ms: number | null;
  added_by: string;
  delivery: string;
}

/** Times are milliseconds of the server's clock; the anchor may lie ahead (a scheduled start). */
export interface Motion {
  item_id: string | null;
  position_ms: number;
  anchor_ms: number;
  rate_permille: number;
  playing: boolean;
}

/** Playback waits for somebody who buffers; meanwhile it does not play. */
export interface Hold {
  members: string[];
  /** When it goes on in any case; null: it waits as long as it takes. */
  deadline_ms: number | null;
}

export interface Playback extends Motion {
  duration_ms: number | null;
  mode: Mode;
  hold: Hold | null;
}

/** A ready check: playback starts, after a countdown, once everybody asked is ready. */
export interface Ready {
  started_by: string;
  /** When nobody is waited for any longer. */
  deadline_ms: number;
  /** Who is asked. */
  members: string[];
  /** Who is ready. */
  ready: string[];
  /** The start is scheduled: the countdown runs until the anchor of the playback. */
  counting: boolean;
}

/** Rights given and taken; what is in both is taken. */
export interface Overrides {
  allow: string[];
  deny: string[];
}

/** The roles whose rights a room can change, the highest first. */
export const CHANGEABLE = ["admin", "moderator", "member", "guest"] as const;
export type Changeable = (typeof CHANGEABLE)[number];

export interface Settings {
  capabilities: { chat: boolean; reactions: boolean };
  barrier: "never" | "grace" | "strict";
  control: "everyone" | "moderators" | "owner";
  permissions: Record<Changeable, Overrides>;
  max_members: number;
}

/** The seq of the last event that touched each concern. */
export interface Versions {
  settings: number;
  members: number;
  playlist: number;
  playback: number;
  chat: number;
}

/** Why a stream ended. */
export type LiveEnd =
  | "finished"
  | "disconnected"
  | "silent"
  | "malformed"
  | "replaced"
  | "asked"
  | "key_revoked"
  | "not_allowed"
  | "room_closed"
  | "node_gone";

/** The stream under way. */
export interface Live {
  /** Who publishes. */
  by: string;
  /** Of the event that began it, which tells it from the ones before. */
  seq: number;
  started_at: string;
}

/** A key that a stream can be published with; the secret is told to its maker alone. */
export interface LiveKey {
  key_id: string;
  by: string;
  at: string;
  expires_at: string;
}

export interface Room {
  room_id: string;
  epoch: string;
  seq: number;
  name: string;
  visibility: string;
  join_rule: string;
  default_role: string;
  owner: string;
  settings: Settings;
  members: Member[];
  offer: Offer | null;
  /** Knocks and bans in the order of their ids, accounts first; so the invites by theirs. */
  knocks: Knock[];
  invites: Invite[];
  bans: Ban[];
  playback: Playback;
  playlist: Item[];
  ready: Ready | null;
  live: Live | null;
  /** In the order of their ids. */
  live_keys: LiveKey[];
  versions: Versions;
  closed: boolean;
}

/** An event that this reader may not see has a type of "redacted" and neither id, actor nor data. */
export interface RoomEvent {
  seq: number;
  position: number;
  type: string;
  id?: string;
  v?: number;
  at?: string;
  actor?: Actor;
  data?: Record<string, unknown>;
}

export interface EventsPage {
  events: RoomEvent[];
  head: { epoch: string; seq: number };
}

export interface CommandAnswer {
  seq: number;
  position: number;
  events: RoomEvent[];
  /** What is told this once, to whoever asked for it. */
  secret?: { token?: string; key?: string };
}

/** What a layer of a decision about a right says. */
export interface Step {
  /** Its name and value, as `role:guest`. */
  layer: string;
  effect: "allow" | "deny" | "none";
  /** The event that gave it its value. */
  event: string | null;
}

/** A decision about a right: the last layer that says anything settles it. */
export interface Trace {
  allowed: boolean;
  steps: Step[];
}

export interface Command {
  type: string;
  [field: string]: unknown;
}

export interface Guest {
  actor: { id: string; kind: "guest"; display_name: string };
  access_token: string;
  expires_at: string;
}
