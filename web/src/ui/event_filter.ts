import type { RoomEvent } from "../state/types";

/** The family of a type: `chat` of `chat.posted`. */
export function familyOf({ type }: RoomEvent): string {
  return type.split(".", 1)[0] ?? type;
}

/** The families that occur, in the order of the alphabet. */
export function familiesOf(events: readonly RoomEvent[]): string[] {
  return [...new Set(events.map(familyOf))].sort();
}

/** Whether an event is of a family and by an actor; empty for any. */
export function matches(event: RoomEvent, family: string, actor: string): boolean {
  return (family === "" || familyOf(event) === family) && (actor === "" || event.actor?.id === actor);
}
