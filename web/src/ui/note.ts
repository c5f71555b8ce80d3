import { has, number, text } from "../state/fields";
import type { RoomEvent } from "../state/types";
import { clockTime } from "./format";
import { moment } from "../moments";
import { chat, joinRules } from "../strings";
import { rightsWords } from "./rights_words";

export type NoteKind = keyof typeof chat.notes;

/** What an event says to people, short of the sentence. */
export interface Note {
  kind: NoteKind;
  /** Whom the sentence is about; null: nobody did it. */
  who: string | null;
  /** To where, of what, by what: as the kind needs it. */
  detail: string;
}

/** What ids are called. */
export interface Names {
  person(id: string): string;
  item(id: string): string;
}

/** Of people who do the same one after the other, one line tells. */
const SHARED: readonly NoteKind[] = ["joined", "left", "knocked", "ready", "unready"];
/** So many are named. */
const FEW = 3;

const TOGGLED: readonly NoteKind[] = ["played", "paused"];

/** Whether one line can tell of both. */
export function together(one: Note, other: Note): boolean {
  const toggled = TOGGLED.includes(one.kind) && TOGGLED.includes(other.kind);
  if (one.kind !== other.kind && !toggled) return false;
  return one.who === other.who || SHARED.includes(one.kind);
}

/** The note of an event; null for what people are not told in passing. */
export function noteOf(event: RoomEvent, names: Names): Note | null {
  const actor = event.actor === undefined || event.actor.kind === "system" ? null : event.actor.id;
  const member = text(event, "member") ?? actor;
  const person = () => (member === null ? "" : names.person(member));
  const note = (kind: NoteKind, detail = "", who = actor): Note => ({ kind, who, detail });
  switch (event.type) {
    case "room.created":
      return note("created");
    case "room.settings_updated":
      return settings(event, note);
    case "room.join_rule_set":
      return note("rule", joinRules[text(event, "join_rule") as keyof typeof joinRules] ?? "");
    case "room.closed":
      return note("closed");
    case "room.reopened":
      return note("reopened");
    case "member.joined":
      return note("joined", "", member);
    case "member.left":
      return note("left", "", member);
    case "member.kicked":
      return note("kicked", person());
    case "member.role_set":
      return note("role", chat.madeRole(person(), text(event, "role") ?? ""));
    default:
      return ofDoors(event, note, person, names) ?? ofWatching(event, names, note);
  }
}

/** Of people at the door, and of what was said of those inside. */
function ofDoors(event: RoomEvent, note: Make, person: () => string, names: Names): Note | null {
  const until = text(event, "expires_at");
  const ends = until === null ? "" : moment(until);
  const because = (what: string) => chat.about(what, text(event, "reason") ?? "");
  switch (event.type) {
    case "member.knocked":
      return note("knocked", "", text(event, "member"));
    case "member.approved":
      return note("approved", person());
    case "member.rejected":
      return note("rejected", because(person()));
    case "member.banned":
      return note("banned", because(chat.until(person(), ends)));
    case "member.unbanned":
      return note("unbanned", person());
    case "member.muted":
      return note("muted", because(chat.until(person(), ends)));
    case "member.unmuted":
      return note("unmuted", person());
    case "member.permissions_overridden":
      return note("rights", chat.about(person(), rightsWords(event)));
    case "room.transfer_offered":
      return note("offered", text(event, "member") === null ? "" : person());
    case "room.transferred":
      return note("transferred", "", text(event, "to"));
    case "room.guests_expelled": {
      const gone = ids(event, "members");
      return note("expelled", gone.length > FEW ? chat.guests(gone.length) : chat.list(gone.map((id) => names.person(id))));
    }
    default:
      return null;
  }
}

type Make = (kind: NoteKind, detail?: string, who?: string | null) => Note;

function settings(event: RoomEvent, note: Make): Note {
  const name = text(event, "name");
  return name === null ? note("settings") : note("renamed", name);
}

function ofWatching(event: RoomEvent, names: Names, note: Make): Note | null {
  const id = text(event, "item_id");
  const item = id === null ? "" : names.item(id);
  const position = clockTime(number(event, "position_ms") ?? 0);
  const people = (field: string) => chat.list(ids(event, field).map((member) => names.person(member)));
  switch (event.type) {
    case "playlist.added":
      return note("added", item);
    case "playlist.removed":
      return note("removed", item);
    case "playlist.cleared":
      return note("cleared");
    case "playlist.moved":
      return note("moved", item);
    case "playlist.updated":
      return has(event, "title") ? note("retitled", item) : null;
    case "playback.item_selected":
      return note("selected", item);
    case "playback.played":
      return note("played", position);
    case "playback.paused":
      return note("paused", position);
    case "playback.seeked":
      return note("jumped", position);
    case "playback.rate_set":
      return note("rate", chat.times((number(event, "rate_permille") ?? 0) / 1000));
    case "playback.mode_set":
      return note("mode", chat.modes[text(event, "mode") ?? ""] ?? "");
    case "playback.held":
      return note("waiting", people("members"), null);
    case "playback.released":
      return ids(event, "exempt").length > 0 ? note("exempt", people("exempt"), null) : note("released", "", null);
    case "ready.started":
      return note("asked");
    case "ready.marked":
      return note(event.data?.["ready"] === true ? "ready" : "unready", "", text(event, "member") ?? event.actor?.id);
    case "ready.cancelled":
      return note("cancelled");
    case "live.started":
      return note("live", "", text(event, "by"));
    case "live.stopped":
      return text(event, "reason") === "asked" ? note("liveOver") : note("liveOver", chat.liveEnds[text(event, "reason") ?? ""] ?? "", null);
    default:
      return null;
  }
}

function ids(event: RoomEvent, field: string): string[] {
  const value = event.data?.[field];
  return Array.isArray(value) ? value.filter((id): id is string => typeof id === "string") : [];
}
