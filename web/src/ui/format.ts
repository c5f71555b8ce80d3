import { chat } from "../strings";

/** Media time as `1:02:03` or `2:03`. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${minutes}:${two(seconds % 60)}`;
  return `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A name for an item without a title: the last part of its address. */
export function titleOf(item: { title: string | null; url: string }): string {
  if (item.title) return item.title;
  const last = item.url.split(/[?#]/, 1)[0]?.split("/").filter(Boolean).pop() ?? item.url;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

const HOURS = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const SECONDS = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });

/** The time of day of an instant, for whoever looks. */
export function timeOfDay(at: string): string {
  return formatted(HOURS, at);
}

export function timeToTheSecond(at: string): string {
  return formatted(SECONDS, at);
}

/** The day of an instant: today and yesterday by these names. */
export function dayName(at: string, now: Date = new Date()): string {
  const day = new Date(at).toDateString();
  if (day === now.toDateString()) return chat.today;
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  return day === before.toDateString() ? chat.yesterday : formatted(DAY, at);
}

function formatted(format: Intl.DateTimeFormat, at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : format.format(date);
}

/** Where something comes from. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

export function isVideoAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
