import type { State } from "./reducer";
import { sayOver, type Outcome } from "./say_over";
import type { Room, RoomEvent } from "./types";

export const SETTINGS = ["name", "visibility", "default_role", "control", "barrier", "chat", "reactions", "max_members"] as const;
export type Setting = (typeof SETTINGS)[number];

/** The setting as a form shows it. */
export function settingOf(room: Room, setting: Setting): string {
  if (setting === "chat" || setting === "reactions") return room.settings.capabilities[setting] ? "on" : "off";
  if (setting === "max_members") return String(room.settings.max_members);
  if (setting === "control" || setting === "barrier") return room.settings[setting];
  return room[setting];
}

/** What `room.update_settings` says to change it. */
export function changeOf(setting: Setting, value: string): Record<string, unknown> {
  if (setting === "chat" || setting === "reactions") return { capabilities: { [setting]: value === "on" } };
  return { [setting]: setting === "max_members" ? Number(value) : value };
}

/** Who changed the setting last, by id, as far as the held events tell. */
export function changedBy(log: State["log"], setting: Setting): string | null {
  const within = (data: RoomEvent["data"]) => {
    const switched = data?.["capabilities"] as Record<string, unknown> | undefined;
    return setting === "chat" || setting === "reactions" ? switched?.[setting] : data?.[setting];
  };
  const changes = log.filter(({ type, data }) => type === "room.settings_updated" && within(data) != null);
  return changes[changes.length - 1]?.actor?.id ?? null;
}

/** Who changed last how one gets in, by id, as far as the held events tell. */
export function ruledBy(log: State["log"]): string | null {
  return log.filter(({ type }) => type === "room.join_rule_set").at(-1)?.actor?.id ?? null;
}

export type Saved = Outcome<string>;

/** Saves a setting that was chosen when the room was as in `base`. */
export function saveSetting(
  send: (fields: Record<string, unknown>) => Promise<Room | "done">,
  base: Room,
  setting: Setting,
  value: string,
): Promise<Saved> {
  const read = (room: Room) => settingOf(room, setting);
  const say = (over: Room) => send({ ...changeOf(setting, value), expect: { settings: over.versions.settings } });
  return sayOver({ base, wanted: value, read, same: Object.is, say });
}
