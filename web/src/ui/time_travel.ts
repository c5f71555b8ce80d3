import { Problem } from "../net/problem";
import type { Room, RoomEvent } from "../state/types";
import { timeline as texts } from "../strings";
import { byId, el } from "./dom";
import { changeLine } from "./event_row";
import { dayName, timeToTheSecond } from "./format";
import { changes, type Change } from "./room_facts";
import { roomView } from "./room_view";

export interface TravelUses {
  /** The room as it was after an event. */
  read(seq: number): Promise<Room>;
  /** The event, as far as it is known here. */
  event(seq: number): RoomEvent | undefined;
  words(event: RoomEvent): string;
  /** The past is looked at, instead of the list. */
  leave(): void;
  /** It is not any more; this event was looked at last, and the focus may have to go somewhere. */
  comeBack(seq: number, focus: boolean): void;
}

/** So long a moving slider rests before the room is read, in ms. */
const REST_MS = 120;

/** A look at the room as it was after an event. Nothing of the room changes by it. */
export class TimeTravel {
  private readonly root = byId("as-of", HTMLElement);
  private readonly content = byId("as-of-room", HTMLElement);
  private readonly slider = byId("as-of-slider", HTMLInputElement);
  private head = 1;
  private at: number | null = null;
  private rest: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly uses: TravelUses) {
    this.slider.setAttribute("aria-label", texts.slider);
    this.slider.addEventListener("input", () => this.turn(Number(this.slider.value)));
    byId("as-of-previous", HTMLButtonElement).addEventListener("click", () => this.step(-1));
    byId("as-of-next", HTMLButtonElement).addEventListener("click", () => this.step(1));
    byId("as-of-back", HTMLButtonElement).addEventListener("click", () => this.back());
    byId("timeline-panel", HTMLElement).addEventListener("keydown", (event) => this.key(event));
  }

  /** How far the room is now. */
  show(head: number): void {
    this.head = head;
    this.slider.max = String(head);
    if (this.at === null) this.slider.value = String(head);
    this.edges();
  }

  /** Looks at the room after an event. */
  async look(seq: number): Promise<void> {
    clearTimeout(this.rest);
    this.at = seq;
    this.begin(seq);
    try {
      const [after, before] = await Promise.all([this.uses.read(seq), seq > 1 ? this.uses.read(seq - 1) : null]);
      if (this.at === seq) this.draw(seq, after, before);
    } catch (error) {
      if (this.at === seq) this.fail(seq, error);
    }
  }

  back(): void {
    clearTimeout(this.rest);
    const seq = this.at;
    const within = this.root.contains(document.activeElement);
    this.at = null;
    this.root.hidden = true;
    this.show(this.head);
    if (seq !== null) this.uses.comeBack(seq, within);
  }

  private begin(seq: number): void {
    const event = this.uses.event(seq);
    const when = event?.at === undefined ? "" : `${dayName(event.at)}, ${timeToTheSecond(event.at)}`;
    this.slider.value = String(seq);
    if (this.root.hidden) this.leaveNow();
    byId("as-of-title", HTMLElement).textContent = texts.asOf(seq);
    byId("as-of-event", HTMLElement).textContent = event === undefined ? "" : this.uses.words(event);
    byId("as-of-time", HTMLElement).textContent = when;
    this.content.ariaBusy = "true";
    this.edges();
  }

  /** The keys that go from event to event are heard within the panel: the focus has to stay there. */
  private leaveNow(): void {
    const { activeElement } = document;
    this.root.hidden = false;
    this.uses.leave();
    if (!activeElement?.closest(".travel")) byId("as-of-back", HTMLButtonElement).focus();
  }

  private draw(seq: number, after: Room, before: Room | null): void {
    const at = Date.parse(this.uses.event(seq)?.at ?? "") || after.playback.anchor_ms;
    const changed = before === null ? [] : changes(before, after, at);
    const first = el("p", "hint", before === null ? texts.first : texts.unchanged);
    this.content.ariaBusy = "false";
    this.content.replaceChildren(changed.length === 0 ? first : difference(changed), ...roomView(after, at, changed));
  }

  private fail(seq: number, error: unknown): void {
    const missing = error instanceof Problem && error.code === "no_such_version";
    const why = error instanceof Error ? error.message : String(error);
    this.content.ariaBusy = "false";
    this.content.replaceChildren(el("p", "problem", missing ? texts.noSuchVersion(seq) : texts.failed(why)));
  }

  /** Looks once the slider rests. */
  private turn(seq: number): void {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => void this.look(seq), REST_MS);
  }

  private step(by: number): void {
    const to = (this.at ?? this.head) + by;
    if (to >= 1 && to <= this.head) void this.look(to);
  }

  private key(event: KeyboardEvent): void {
    if (this.at === null) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") this.back();
    // The slider goes by these keys itself.
    else if (by !== undefined && event.target !== this.slider) this.step(by);
    else return;
    event.preventDefault();
  }

  private edges(): void {
    const at = this.at ?? this.head;
    byId("as-of-previous", HTMLButtonElement).disabled = at <= 1;
    byId("as-of-next", HTMLButtonElement).disabled = at >= this.head;
    this.slider.setAttribute("aria-valuetext", `#${at}`);
  }
}

function difference(changed: readonly Change[]): HTMLElement {
  const list = el("div", "difference");
  list.append(...changed.map(changeLine));
  return list;
}
