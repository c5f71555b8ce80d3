import type { RoomEvent } from "./types";

/** Typed reading of an event's data: a field of another type counts as absent. */
export function text(event: RoomEvent, field: string): string | null {
  const value = event.data?.[field];
  return typeof value === "string" ? value : null;
}

export function number(event: RoomEvent, field: string): number | null {
  const value = event.data?.[field];
  return typeof value === "number" ? value : null;
}

export function bool(event: RoomEvent, field: string): boolean | null {
  const value = event.data?.[field];
  return typeof value === "boolean" ? value : null;
}

export function has(event: RoomEvent, field: string): boolean {
  return event.data !== undefined && field in event.data;
}

export function strings(event: RoomEvent, field: string): string[] | null {
  const value = event.data?.[field];
  return Array.isArray(value) && value.every((entry) => typeof entry === "string") ? value : null;
}
