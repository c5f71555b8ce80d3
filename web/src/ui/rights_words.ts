import { strings } from "../state/fields";
import type { Overrides, RoomEvent } from "../state/types";
import { rights } from "../strings";

/** What is said of rights, in words. */
export function overridesWords({ allow, deny }: Overrides): string {
  const list = (names: readonly string[]) => names.map((name) => (rights.names[name] ?? name).toLowerCase()).join(", ");
  const parts = [...(allow.length > 0 ? [rights.allowed(list(allow))] : []), ...(deny.length > 0 ? [rights.denied(list(deny))] : [])];
  return parts.length === 0 ? rights.asUsual : parts.join("; ");
}

/** The same of an event that says it of a member. */
export function rightsWords(event: RoomEvent): string {
  return overridesWords({ allow: strings(event, "allow") ?? [], deny: strings(event, "deny") ?? [] });
}
