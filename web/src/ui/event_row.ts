import type { RoomEvent } from "../state/types";
import { timeline as texts } from "../strings";
import { el } from "./dom";
import { timeToTheSecond } from "./format";
import type { Row } from "./keyed_list";
import type { Change } from "./room_facts";

export interface EventEntry {
  event: RoomEvent;
  words: string;
  changes: readonly Change[];
}

/** An event: a press on it looks at the room as it was right after. */
export function eventRow(look: (seq: number) => void): Row<EventEntry> {
  const root = el("li");
  const button = el("button", "event");
  const [seq, time, type] = [el("span", "seq"), el("time", "meta"), el("code", "meta")];
  const words = el("span", "words");
  const changed = el("span", "changes");
  let shown = 0;
  button.type = "button";
  words.dir = "auto";
  button.append(seq, " ", time, " ", type, words, changed);
  button.addEventListener("click", () => look(shown));
  root.append(button);
  return {
    root,
    update({ event, words: said, changes }) {
      shown = event.seq;
      button.title = texts.look(event.seq);
      seq.textContent = `#${event.seq}`;
      time.textContent = timeToTheSecond(event.at ?? "");
      time.dateTime = event.at ?? "";
      type.textContent = event.type;
      words.textContent = said;
      changed.replaceChildren(...changes.map(changeLine));
    },
  };
}

/** `Position: 0:10 → 1:23`; arrows are read out as words. */
export function changeLine({ label, before, after }: Change): HTMLElement {
  const line = el("span", "change");
  const arrow = el("span", "", "→");
  const [old, now] = [el("del", "", before ?? texts.nothing), el("ins", "", after ?? texts.gone)];
  for (const part of [old, now]) part.dir = "auto";
  line.append(`${label}: `, old, " ", arrow, " ", now);
  return line;
}
