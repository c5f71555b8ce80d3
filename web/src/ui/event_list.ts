import { byId, el, KeyedList, type Row } from "./dom";
import type { State } from "../state/reducer";
import type { RoomEvent } from "../state/types";

interface Entry {
  event: RoomEvent;
  actor: string;
}

/** The newest events of the room's log, newest first. */
export class EventList {
  private readonly list = new KeyedList<Entry>(byId("log", HTMLElement), ({ event }) => String(event.seq), eventRow);
  private shown: readonly RoomEvent[] | null = null;

  show(state: State): void {
    if (this.shown === state.log) return;
    this.shown = state.log;
    const entries = state.log.map((event) => ({ event, actor: nameOf(event, state) }));
    this.list.update(entries.reverse());
  }
}

function nameOf(event: RoomEvent, state: State): string {
  if (event.actor === undefined) return "";
  if (event.actor.kind === "system") return "system";
  return state.names[event.actor.id] ?? "someone";
}

function eventRow(): Row<Entry> {
  const root = el("li");
  const seq = el("span", "seq");
  const type = el("code");
  const actor = el("span", "meta");
  root.append(seq, type, actor);
  return {
    root,
    update({ event, actor: name }) {
      seq.textContent = String(event.seq);
      type.textContent = event.type;
      actor.textContent = name;
    },
  };
}
