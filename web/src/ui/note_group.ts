import { together, type Names, type Note } from "./note";
import { chat } from "../strings";

/** Notes of one kind in a row, which one line tells. */
export interface NoteGroup {
  first: number;
  at: string;
  notes: readonly Note[];
}

/** The group that also holds the note; null if it does not belong there. */
export function grown(group: NoteGroup, note: Note): NoteGroup | null {
  const last = group.notes.at(-1);
  return last !== undefined && together(last, note) ? { ...group, notes: [...group.notes, note] } : null;
}

/** The sentence of a group: "Ana jumped 4 times, last to 12:04". */
export function sentence({ notes }: Pick<NoteGroup, "notes">, names: Names): string {
  const last = notes.at(-1);
  if (last === undefined) return "";
  const people = new Set(notes.flatMap(({ who }) => (who === null ? [] : [who])));
  const who = chat.list([...people].map((id) => names.person(id)));
  return chat.notes[last.kind]({ who, detail: last.detail, count: notes.length, many: people.size > 1 });
}
