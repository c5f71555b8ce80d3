import { text } from "./fields";
import type { State } from "./reducer";
import { foldChat, type Message } from "./reducer_chat";
import type { Item, RoomEvent } from "./types";

/** The events after a cursor, oldest first. */
export type ReadEvents = (after: string, limit: number) => Promise<readonly RoomEvent[]>;

/** What follows from a run of events. */
interface Known {
  messages: readonly Message[];
  /** Names by member id, those who left included. */
  names: Readonly<Record<string, string>>;
  /** Items by id, those removed included. */
  items: Readonly<Record<string, Pick<Item, "title" | "url">>>;
}

const NOTHING: Known = { messages: [], names: {}, items: {} };

const PAGE = 200;
/** So many events are kept; older ones can be read again. */
const LONGEST = 6_000;
const SHORTENED = 5_000;
/** An event that is looked for is not looked for beyond so many pages. */
const FARTHEST = 10;

/** An unbroken run of the room's events up to its newest, which can be extended into the past. */
export class History {
  events: readonly RoomEvent[] = [];
  private known = NOTHING;
  private epoch = "";
  private reading: Promise<void> | null = null;
  private readonly watchers: (() => void)[] = [];

  constructor(private readonly read: ReadEvents) {}

  get messages(): Known["messages"] {
    return this.known.messages;
  }

  get names(): Known["names"] {
    return this.known.names;
  }

  get items(): Known["items"] {
    return this.known.items;
  }

  get hasOlder(): boolean {
    return this.first > 1 && this.events.length > 0;
  }

  get first(): number {
    return this.events[0]?.seq ?? 0;
  }

  get last(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  /** `then` is called after older events were read. */
  watch(then: () => void): void {
    this.watchers.push(then);
  }

  /** Takes over what the state knows and this does not. */
  show({ log, room }: State): void {
    const [oldest, newest] = [log[0], log.at(-1)];
    if (room.epoch !== this.epoch) this.replace([]);
    this.epoch = room.epoch;
    if (oldest === undefined || newest === undefined) return;
    const touches = oldest.seq <= this.last + 1 && newest.seq >= this.first - 1;
    if (this.events.length === 0 || !touches) return this.replace(log);
    const before = log.filter(({ seq }) => seq < this.first);
    const after = log.filter(({ seq }) => seq > this.last);
    if (before.length > 0) this.replace([...before, ...this.events, ...after]);
    else if (after.length > 0) this.append(after);
  }

  /** Reads the page before the oldest event; one at a time. */
  older(): Promise<void> {
    this.reading ??= this.readOlder().finally(() => (this.reading = null));
    return this.reading;
  }

  /** The event with this id, unless it lies too far back. */
  async find(id: string): Promise<RoomEvent | null> {
    for (let pages = 0; ; pages += 1) {
      const found = this.events.find((event) => event.id === id);
      if (found !== undefined) return found;
      if (!this.hasOlder || pages === FARTHEST) return null;
      await this.older();
    }
  }

  private async readOlder(): Promise<void> {
    if (!this.hasOlder) return;
    const { first, epoch } = this;
    const after = Math.max(0, first - 1 - PAGE);
    const page = await this.read(`${epoch}:${after}`, first - 1 - after);
    if (this.first !== first || this.epoch !== epoch) return;
    this.replace([...page.filter(({ seq }) => seq < first), ...this.events]);
    for (const then of this.watchers) then();
  }

  private append(news: readonly RoomEvent[]): void {
    const events = [...this.events, ...news];
    if (events.length > LONGEST) return this.replace(events.slice(-SHORTENED));
    this.events = events;
    this.known = news.reduce(fold, this.known);
  }

  private replace(events: readonly RoomEvent[]): void {
    this.events = events;
    this.known = events.reduce(fold, NOTHING);
  }
}

function fold(known: Known, event: RoomEvent): Known {
  return {
    messages: foldChat(known.messages, event),
    names: foldNames(known.names, event),
    items: foldItems(known.items, event),
  };
}

function foldNames(names: Known["names"], event: RoomEvent): Known["names"] {
  const [id, name] = [text(event, "member"), text(event, "display_name")];
  return id === null || name === null ? names : { ...names, [id]: name };
}

function foldItems(items: Known["items"], event: RoomEvent): Known["items"] {
  const id = text(event, "item_id");
  if (id === null || !event.type.startsWith("playlist.")) return items;
  const [title, url] = [text(event, "title"), text(event, "url")];
  if (title === null && url === null) return items;
  return { ...items, [id]: { title: title ?? items[id]?.title ?? null, url: url ?? items[id]?.url ?? "" } };
}
