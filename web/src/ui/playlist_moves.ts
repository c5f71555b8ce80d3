import type { Command } from "../state/types";
import { playlist as texts } from "../strings";
import { drag } from "./playlist_drag";
import { before, moved, steered } from "./playlist_order";

export interface MovesUses {
  send(command: Command): Promise<boolean>;
  /** The order as the room has it. */
  ids(): readonly string[];
  title(id: string): string;
  row(id: string): HTMLElement | null;
  /** The order that is to be seen is another one. */
  changed(): void;
  /** For those who do not see it. */
  say(text: string): void;
}

interface Place {
  id: string;
  at: number;
}

/** Moves items: what is to be seen is ahead of the room, and returns to it when the room refuses. */
export class PlaylistMoves {
  private grabbed: Place | null = null;
  private sent: Place | null = null;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly uses: MovesUses,
  ) {}

  /** The order that is to be seen. */
  order(): readonly string[] {
    const place = this.grabbed ?? this.sent;
    const ids = this.uses.ids();
    return place === null ? ids : moved(ids, place.id, place.at);
  }

  isGrabbed(id: string): boolean {
    return this.grabbed?.id === id;
  }

  /** Grabs an item, or puts down the grabbed one. */
  toggle(id: string): void {
    const { grabbed } = this;
    if (grabbed === null) return this.hold({ id, at: this.uses.ids().indexOf(id) }, texts.grabbed);
    this.grabbed = null;
    void this.move(grabbed.id, grabbed.at);
  }

  /** Whether the key meant the grabbed item. */
  key(key: string): boolean {
    if (this.grabbed === null) return false;
    if (key === "Escape") return this.release(), true;
    const { id, at } = this.grabbed;
    const to = steered(key, at, this.uses.ids().length);
    if (to !== null) this.hold({ id, at: to }, texts.over);
    return to !== null;
  }

  /** Puts the grabbed item back where it was. */
  release(): void {
    const id = this.grabbed?.id;
    if (id === undefined) return;
    this.grabbed = null;
    this.uses.changed();
    this.tell(id, texts.back);
  }

  drag(id: string, start: PointerEvent): void {
    const row = this.uses.row(id);
    if (row === null) return;
    this.release();
    drag(start, row, this.scroller, {
      over: (at) => this.line(id, at),
      drop: (at) => void this.move(id, at),
    });
  }

  async move(id: string, at: number): Promise<void> {
    const ids = this.uses.ids();
    const place = { id, at };
    if (ids.indexOf(id) === at) {
      this.uses.changed();
      return this.tell(id, texts.back);
    }
    this.sent = place;
    this.uses.changed();
    const done = await this.uses.send({ type: "playlist.move", item_id: id, after: before(ids, id, at) });
    if (this.sent === place) this.sent = null;
    this.uses.changed();
    this.tell(id, done ? texts.moved : texts.back);
  }

  private hold(place: Place, words: typeof texts.over): void {
    this.grabbed = place;
    this.uses.changed();
    this.uses.row(place.id)?.scrollIntoView({ block: "nearest" });
    this.tell(place.id, words);
  }

  private tell(id: string, words: typeof texts.over): void {
    const order = this.order();
    const at = order.indexOf(id);
    if (at >= 0) this.uses.say(words(this.uses.title(id), at + 1, order.length));
  }

  /** Draws the line where a dragged item would go. */
  private line(id: string, at: number | null): void {
    const others = this.uses.ids().filter((other) => other !== id);
    for (const [index, other] of others.entries()) {
      const row = this.uses.row(other);
      row?.classList.toggle("drop-before", index === at);
      row?.classList.toggle("drop-after", at === others.length && index === at - 1);
    }
  }
}
