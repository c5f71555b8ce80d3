import type { Message } from "../state/reducer_chat";
import type { RoomEvent } from "../state/types";
import { noteOf, type Names } from "./note";
import { grown, sentence, type NoteGroup } from "./note_group";
import type { Mark } from "./chat_unread";

/** A line of the chat. Flat, so that two of them are compared field by field. */
export type Line =
  | { kind: "day"; key: string; at: string }
  | { kind: "unread"; key: string; count: number }
  | { kind: "note"; key: string; at: string; text: string }
  | MessageLine;

export interface MessageLine {
  kind: "message";
  key: string;
  message: Message;
  author: string;
  /** What it answers; null if it answers nothing, or what is not known here. */
  quoted: Message | null;
  quotedAuthor: string;
  /** It goes on with what the one before it said: name and time need not be repeated. */
  follows: boolean;
}

interface Source {
  events: readonly RoomEvent[];
  messages: readonly Message[];
  names: Names;
  mark: Mark | null;
  /** Whether events that are no messages are told of. */
  notes: boolean;
}

/** The lines of the chat, oldest first. */
export function chatLines(source: Source): Line[] {
  const lines = new Lines(source);
  for (const event of source.events) lines.take(event);
  return lines.done();
}

class Lines {
  private readonly lines: Line[] = [];
  private readonly messages: ReadonlyMap<string, Message>;
  private readonly bySeq: ReadonlyMap<number, Message>;
  private day = "";
  private marked = false;
  private group: NoteGroup | null = null;

  constructor(private readonly source: Source) {
    this.messages = new Map(source.messages.map((message) => [message.id, message]));
    this.bySeq = new Map(source.messages.map((message) => [message.seq, message]));
  }

  take(event: RoomEvent): void {
    const message = this.bySeq.get(event.seq);
    if (message !== undefined) this.say(message);
    else if (this.source.notes) this.note(event);
  }

  done(): Line[] {
    this.flush();
    return this.lines;
  }

  private say(message: Message): void {
    const { mark, names } = this.source;
    this.flush();
    this.begin(message.at);
    if (mark !== null && message.seq > mark.after && !this.marked) {
      this.marked = true;
      this.lines.push({ kind: "unread", key: "unread", count: mark.count });
    }
    const quoted = message.replyTo === null ? null : (this.messages.get(message.replyTo) ?? null);
    this.lines.push({
      kind: "message",
      key: message.id,
      message,
      author: names.person(message.author),
      quoted,
      quotedAuthor: quoted === null ? "" : names.person(quoted.author),
      follows: goesOn(this.lines.at(-1), message),
    });
  }

  private note(event: RoomEvent): void {
    const note = noteOf(event, this.source.names);
    if (note === null) return;
    const at = event.at ?? "";
    const group = this.group !== null && dayOf(at) === this.day ? grown(this.group, note) : null;
    if (group === null) {
      this.flush();
      this.begin(at);
    }
    this.group = { ...(group ?? { first: event.seq, notes: [note] }), at };
  }

  private flush(): void {
    if (this.group === null) return;
    const { first, at } = this.group;
    this.lines.push({ kind: "note", key: `note_${first}`, at, text: sentence(this.group, this.source.names) });
    this.group = null;
  }

  private begin(at: string): void {
    const day = dayOf(at);
    if (day === this.day) return;
    this.day = day;
    this.lines.push({ kind: "day", key: `day_${day}`, at });
  }
}

/** So soon after the one before, by the same person. */
const SOON_MS = 3 * 60_000;

function goesOn(before: Line | undefined, { author, at }: Message): boolean {
  if (before?.kind !== "message" || before.message.author !== author) return false;
  return Date.parse(at) - Date.parse(before.message.at) < SOON_MS;
}

/** The day in the time zone of whoever looks. */
function dayOf(at: string): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}
