import { bool, text } from "./fields";
import type { RoomEvent } from "./types";

export interface Message {
  id: string;
  /** Of the event that posted it. */
  seq: number;
  author: string;
  at: string;
  /** null when redacted, or erased with its author. */
  text: string | null;
  edited: boolean;
  replyTo: string | null;
  /** Who reacted, by reaction. */
  reactions: Readonly<Record<string, readonly string[]>>;
}

type Messages = readonly Message[];

/** Folds the chat's events; an event about a message that is not held changes nothing. */
export function foldChat(messages: Messages, event: RoomEvent): Messages {
  const id = text(event, "message_id");
  if (id === null) return messages;
  switch (event.type) {
    case "chat.posted":
      return [...messages, posted(id, event)];
    case "chat.edited":
      return change(messages, id, (message) => ({ ...message, text: text(event, "text"), edited: true }));
    case "chat.redacted":
      return change(messages, id, (message) => ({ ...message, text: null, reactions: {} }));
    case "chat.reacted":
      return change(messages, id, (message) => react(message, event));
    default:
      return messages;
  }
}

function posted(id: string, event: RoomEvent): Message {
  return {
    id,
    seq: event.seq,
    author: event.actor?.id ?? "",
    at: event.at ?? "",
    text: text(event, "text"),
    edited: false,
    replyTo: text(event, "reply_to"),
    reactions: {},
  };
}

function react(message: Message, event: RoomEvent): Message {
  const reaction = text(event, "reaction");
  const who = event.actor?.id;
  if (reaction === null || who === undefined) return message;
  const others = (message.reactions[reaction] ?? []).filter((id) => id !== who);
  const now = bool(event, "on") ? [...others, who] : others;
  const { [reaction]: _, ...rest } = message.reactions;
  return { ...message, reactions: now.length > 0 ? { ...rest, [reaction]: now } : rest };
}

function change(messages: Messages, id: string, edit: (message: Message) => Message): Messages {
  return messages.map((message) => (message.id === id ? edit(message) : message));
}
