import type { History } from "../state/history";
import { PastRooms } from "../state/past_rooms";
import type { State } from "../state/reducer";
import type { Room, RoomEvent } from "../state/types";
import { timeline as texts } from "../strings";
import { byId } from "./dom";
import { actorName, eventWords } from "./event_words";
import { eventRow, type EventEntry } from "./event_row";
import { familiesOf, matches } from "./event_filter";
import { KeyedList } from "./keyed_list";
import { namesOf } from "./names";
import type { Names } from "./note";
import { changes, type Change } from "./room_facts";
import { TimeTravel } from "./time_travel";
import { complain } from "./toast";

/** So many events are drawn at once. */
const PAGE = 200;
const NO_CHANGES: readonly Change[] = [];

/** The room's log, the newest event first, and the way back into it. */
export class Timeline {
  private readonly panel = byId("timeline-panel", HTMLElement);
  private readonly family = byId("log-family", HTMLSelectElement);
  private readonly actor = byId("log-actor", HTMLSelectElement);
  private readonly older = byId("older-events", HTMLButtonElement);
  private readonly list = new KeyedList<EventEntry>(
    byId("log", HTMLElement),
    ({ event }) => String(event.seq),
    () => eventRow((seq) => void this.travel.look(seq)),
  );
  private readonly rooms: PastRooms;
  private readonly travel: TimeTravel;
  /** By the seq of the event: what it changed stays so. */
  private readonly changed = new Map<number, readonly Change[]>();
  private names: Names | null = null;
  private drawn: readonly RoomEvent[] | null = null;
  private shown = PAGE;

  constructor(
    private readonly history: History,
    read: (seq: number) => Promise<Room>,
  ) {
    this.rooms = new PastRooms(read);
    this.travel = new TimeTravel({
      read,
      event: (seq) => history.events[seq - history.first],
      words: (event) => (this.names === null ? event.type : eventWords(event, this.names)),
      leave: () => (byId("log-list", HTMLElement).hidden = true),
      comeBack: (seq, focus) => this.comeBack(seq, focus),
    });
    history.watch(() => this.render());
    for (const select of [this.family, this.actor]) select.addEventListener("change", () => this.render());
    this.older.addEventListener("click", () => void this.readOlder());
  }

  show(state: State): void {
    this.names = namesOf(this.history, state);
    if (this.panel.hasAttribute("data-away")) return;
    this.travel.show(state.room.seq);
    if (this.history.events !== this.drawn) this.render();
  }

  /** Looks at the room as it was after an event. */
  look(seq: number): void {
    void this.travel.look(seq);
  }

  private comeBack(seq: number, focus: boolean): void {
    byId("log-list", HTMLElement).hidden = false;
    if (focus) (this.list.element(String(seq))?.querySelector("button") ?? this.family).focus();
  }

  private render(): void {
    const { names, history } = this;
    if (names === null || this.panel.hasAttribute("data-away")) return;
    this.drawn = history.events;
    if (!this.rooms.covers(history.events)) void this.follow(history.events);
    this.offer(names);
    const wanted = history.events.filter((event) => matches(event, this.family.value, this.actor.value));
    const entries = wanted.slice(-this.shown).map((event) => ({
      event,
      words: eventWords(event, names),
      changes: this.changesOf(event),
    }));
    this.list.update(entries.reverse());
    const more = wanted.length > this.shown || history.hasOlder;
    this.older.hidden = !more;
    byId("log-start", HTMLElement).textContent = more ? "" : wanted.length === 0 ? texts.none : texts.start;
  }

  /** Learns what the events changed, and tells it with them. */
  private async follow(events: readonly RoomEvent[]): Promise<void> {
    try {
      await this.rooms.follow(events);
    } catch {
      // The events stand there all the same, without what they changed.
      return;
    }
    if (this.history.events === events) this.render();
  }

  private changesOf(event: RoomEvent): readonly Change[] {
    const known = this.changed.get(event.seq);
    if (known !== undefined) return known;
    const [before, after] = [this.rooms.after(event.seq - 1), this.rooms.after(event.seq)];
    if (before === undefined || after === undefined) return NO_CHANGES;
    const found = before === after ? NO_CHANGES : changes(before, after, Date.parse(event.at ?? "") || 0);
    this.changed.set(event.seq, found);
    return found;
  }

  private async readOlder(): Promise<void> {
    this.shown += PAGE;
    this.older.disabled = true;
    try {
      await this.history.older();
    } catch {
      complain(new Error(texts.olderFailed));
    } finally {
      this.older.disabled = false;
      this.render();
    }
  }

  private offer(names: Names): void {
    const { events } = this.history;
    const families = familiesOf(events).map((family) => [family, texts.families[family] ?? family] as const);
    const actors = new Map(events.flatMap((event) => (event.actor ? [[event.actor.id, actorName(event, names)] as const] : [])));
    choices(this.family, [["", texts.families["all"] ?? ""], ...families]);
    choices(this.actor, [["", texts.everybody], ...actors]);
  }
}

/** Offers these choices; what was chosen stays chosen. */
function choices(select: HTMLSelectElement, offered: readonly (readonly [string, string])[]): void {
  const known = [...select.options].map(({ value, text }) => `${value} ${text}`).join();
  if (known === offered.map((choice) => choice.join(" ")).join()) return;
  const { value } = select;
  select.replaceChildren(...offered.map(([id, words]) => new Option(words, id)));
  if (offered.some(([id]) => id === value)) select.value = value;
}
