import type { State } from "./reducer";
import type { Room } from "./types";

export const SETTINGS = ["name", "visibility", "default_role", "control", "barrier", "chat"] as const;
export type Setting = (typeof SETTINGS)[number];

/** The setting as a form shows it. */
export function settingOf(room: Room, setting: Setting): string {
  if (setting === "chat") return room.settings.capabilities.chat ? "on" : "off";
  if (setting === "control" || setting === "barrier") return room.settings[setting];
  return room[setting];
}

/** What `room.update_settings` says to change it. */
export function changeOf(setting: Setting, value: string): Record<string, unknown> {
  return setting === "chat" ? { capabilities: { chat: value === "on" } } : { [setting]: value };
}

/** Who changed the setting last, by id, as far as the held events tell. */
export function changedBy(log: State["log"], setting: Setting): string | null {
  const field = setting === "chat" ? "capabilities" : setting;
  const changes = log.filter(({ type, data }) => type === "room.settings_updated" && data?.[field] != null);
  return changes[changes.length - 1]?.actor?.id ?? null;
}

export type Saved = { kind: "saved" } | { kind: "conflict"; theirs: string; room: Room };

/**
 * Saves a setting that was chosen when the room was as in `base`. Only a change of the same setting is in its way:
 * if another one moved, it is said again over that.
 */
export async function saveSetting(
  send: (fields: Record<string, unknown>) => Promise<Room | "done">,
  base: Room,
  setting: Setting,
  value: string,
): Promise<Saved> {
  for (let over = base; ; ) {
    const expect = { settings: over.versions.settings };
    const now = await send({ ...changeOf(setting, value), expect });
    if (now === "done") return { kind: "saved" };
    const theirs = settingOf(now, setting);
    if (theirs === value) return { kind: "saved" };
    if (theirs !== settingOf(base, setting)) return { kind: "conflict", theirs, room: now };
    over = now;
  }
}
