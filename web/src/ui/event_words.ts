import { moment } from "../moments";
import { bool, number, text } from "../state/fields";
import type { RoomEvent } from "../state/types";
import { timeline } from "../strings";
import { noteOf, type Names } from "./note";
import { sentence } from "./note_group";

/** What an event says, as a sentence: all of them, also those that the chat does not tell of. */
export function eventWords(event: RoomEvent, names: Names): string {
  const note = noteOf(event, names);
  if (note !== null) return sentence({ notes: [note] }, names);
  const words = timeline.words[event.type]?.(detailOf(event, names)) ?? event.type;
  return event.actor === undefined ? words : `${actorName(event, names)} ${words}`;
}

export function actorName({ actor }: RoomEvent, names: Names): string {
  if (actor === undefined) return "";
  return actor.kind === "system" ? timeline.system : names.person(actor.id);
}

function detailOf(event: RoomEvent, names: Names): string {
  const item = text(event, "item_id");
  if (item !== null) return names.item(item);
  if (event.type === "invite.created") return timeline.invited(number(event, "max_uses"), moment(text(event, "expires_at") ?? ""));
  if (event.type === "live.key_created") return timeline.keyUntil(moment(text(event, "expires_at") ?? ""));
  const reaction = text(event, "reaction");
  if (reaction === null) return text(event, "text") ?? timeline.nothing;
  return bool(event, "on") ? timeline.withReaction(reaction) : timeline.tookBack(reaction);
}
