import { moment } from "../moments";
import { CHANGEABLE, type Room } from "../state/types";
import { positionAt } from "../sync/motion";
import { chat, doors, timeline as texts } from "../strings";
import { clockTime, titleOf } from "./format";
import { mutedWords } from "./member_words";
import { overridesWords } from "./rights_words";

export type FactGroup = keyof typeof texts.headings;

/** One thing that is so in a room, in words. */
export interface Fact {
  group: FactGroup;
  /** The same across versions of the room. */
  key: string;
  label: string;
  value: string;
  /** Values this near to each other count as the same. */
  ms?: number;
}

/** What changed: null where there was nothing, or is nothing any more. */
export interface Change {
  key: string;
  label: string;
  before: string | null;
  after: string | null;
}

/** Playback that just goes on, or starts a moment ahead, is no jump. */
const JUMP_MS = 1_500;

/** All that is so in a room at an instant. */
export function facts(room: Room, atMs: number): Fact[] {
  return [...ofRoom(room), ...ofPlayback(room, atMs), ...ofPlaylist(room), ...ofMembers(room), ...ofDoors(room)];
}

/** What an event changed, given the room before and after it. */
export function changes(before: Room, after: Room, atMs: number): Change[] {
  const old = new Map(facts(before, atMs).map((fact) => [fact.key, fact]));
  const now = new Map(facts(after, atMs).map((fact) => [fact.key, fact]));
  const changed = [...now.values()].flatMap((fact) => {
    const was = old.get(fact.key);
    if (was === undefined) return [entered(fact, null, fact.label)];
    const renamed = was.label === fact.label ? [] : [entered(fact, was.label, fact.label)];
    return same(was, fact) ? renamed : [...renamed, { key: fact.key, label: fact.label, before: was.value, after: fact.value }];
  });
  const gone = [...old.values()].filter(({ key }) => !now.has(key));
  return [...changed, ...gone.map((fact) => entered(fact, fact.label, null)), ...ofOrder(before, after)];
}

/** What is in a list now, or is not any more. */
function entered({ key, group }: Fact, before: string | null, after: string | null): Change {
  return { key, label: texts.headings[group], before, after };
}

function same(one: Fact, other: Fact): boolean {
  if (one.ms === undefined || other.ms === undefined) return one.value === other.value;
  return Math.abs(one.ms - other.ms) < JUMP_MS;
}

const yesNo = (value: boolean) => (value ? texts.yes : texts.no);

function nameIn(room: Room, id: string): string {
  return room.members.find((member) => member.id === id)?.display_name ?? chat.someone;
}

function ofRoom(room: Room): Fact[] {
  const { settings } = room;
  const fact = (key: keyof typeof texts.fields, value: string): Fact => ({ group: "room", key, label: texts.fields[key], value });
  return [
    fact("name", room.name),
    fact("visibility", room.visibility),
    fact("join_rule", room.join_rule),
    fact("default_role", room.default_role),
    fact("control", settings.control),
    fact("barrier", settings.barrier),
    fact("chat", yesNo(settings.capabilities.chat)),
    fact("reactions", yesNo(settings.capabilities.reactions)),
    fact("max_members", String(settings.max_members)),
    fact("offer", room.offer === null ? texts.nobody : nameIn(room, room.offer.member)),
    ...CHANGEABLE.map((role): Fact => ({ group: "room", key: `rights ${role}`, label: texts.rightsOf(role), value: overridesWords(settings.permissions[role]) })),
    fact("live", room.live === null ? texts.nobody : nameIn(room, room.live.by)),
    ...room.live_keys.map(({ key_id, by, expires_at }): Fact => {
      return { group: "room", key: key_id, label: texts.liveKey(nameIn(room, by)), value: texts.keyUntil(moment(expires_at)) };
    }),
    fact("closed", yesNo(room.closed)),
  ];
}

function ofPlayback(room: Room, atMs: number): Fact[] {
  const { playback, playlist, ready } = room;
  const item = playlist.find(({ item_id }) => item_id === playback.item_id);
  const ms = positionAt(playback, atMs, playback.duration_ms);
  const fact = (key: keyof typeof texts.fields, value: string): Fact => ({ group: "playback", key, label: texts.fields[key], value });
  const waitsFor = playback.hold?.members.map((id) => nameIn(room, id)) ?? [];
  return [
    fact("item", item === undefined ? texts.nothing : titleOf(item)),
    fact("state", playback.playing ? texts.playing : texts.paused),
    { ...fact("at", clockTime(ms)), ms },
    fact("rate", chat.times(playback.rate_permille / 1000)),
    fact("mode", chat.modes[playback.mode] ?? playback.mode),
    fact("hold", waitsFor.length === 0 ? texts.nobody : chat.list(waitsFor)),
    fact("ready", ready == null ? texts.nothing : texts.ready(ready.ready.length, ready.members.length)),
  ];
}

function ofPlaylist({ playlist }: Room): Fact[] {
  return playlist.map((item) => {
    const value = item.duration_ms === null ? texts.unknownLength : clockTime(item.duration_ms);
    return { group: "playlist", key: item.item_id, label: titleOf(item), value };
  });
}

function ofMembers({ members }: Room): Fact[] {
  return members.map((member) => {
    const { id, display_name, role, allow = [], deny = [] } = member;
    const special = allow.length + deny.length > 0 ? [overridesWords({ allow, deny })] : [];
    return { group: "members", key: id, label: display_name ?? chat.someone, value: [role, ...mutedWords(member), ...special].join(" · ") };
  });
}

function ofDoors(room: Room): Fact[] {
  const named = (id: string, name: string | null, value: string): Fact => ({ group: "doors", key: `door ${id}`, label: name ?? chat.someone, value });
  return [
    ...room.knocks.map(({ id, display_name }) => named(id, display_name, texts.waits)),
    ...room.invites.map(({ invite_id, by, uses, max_uses }) => named(invite_id, texts.invite(nameIn(room, by)), doors.used(uses, max_uses))),
    ...room.bans.map(({ id, display_name, expires_at }) => named(id, display_name, chat.until(texts.banned, expires_at === null ? "" : moment(expires_at)))),
  ];
}

/** An item that has another place among those that stayed. */
function ofOrder(before: Room, after: Room): Change[] {
  const ids = (room: Room, other: Room) =>
    room.playlist.flatMap(({ item_id }) => (other.playlist.some((item) => item.item_id === item_id) ? [item_id] : []));
  const [old, now] = [ids(before, after), ids(after, before)];
  const at = old.findIndex((id, index) => id !== now[index]);
  if (at < 0) return [];
  const without = (list: string[], id: string) => list.filter((other) => other !== id).join();
  const candidates = [old[at] ?? "", now[at] ?? ""];
  const moved = candidates.find((id) => without(old, id) === without(now, id)) ?? candidates[0];
  const item = after.playlist.find(({ item_id }) => item_id === moved);
  if (moved === undefined || item === undefined) return [];
  const place = (list: string[]) => texts.position(list.indexOf(moved) + 1);
  return [{ key: moved, label: titleOf(item), before: place(old), after: place(now) }];
}
