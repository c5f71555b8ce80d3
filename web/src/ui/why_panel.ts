import { textOf } from "./problem_text";
import { moment } from "../moments";
import type { Permission } from "../state/permissions";
import type { RoomEvent, Step, Trace } from "../state/types";
import { whyPanel as texts } from "../strings";
import type { Question } from "./ask_why";
import { placeBeside } from "./beside";
import { el } from "./dom";
import { decisive, layerWords, type Subject } from "./why_words";

export interface WhyUses {
  explain(permission: Permission, member: string): Promise<Trace>;
  subject(member: string): Subject;
  /** The event with this id, however far back; null if it cannot be had. */
  event(id: string): Promise<RoomEvent | null>;
  /** Who did it. */
  actor(event: RoomEvent): string;
  /** Shows the event where all are. */
  show(event: RoomEvent): void;
  me: string;
}

/** A small panel that tells which layers of rules decide about a right, and who set them. */
export class WhyPanel {
  private readonly root = el("div", "popover why");
  private readonly title = el("h2");
  private readonly short = el("p");
  private readonly layers = el("ol", "layers");
  private asked = 0;
  private from: HTMLElement | null = null;

  constructor(private readonly uses: WhyUses) {
    const close = el("button", "quiet", "×");
    close.type = "button";
    close.ariaLabel = texts.close;
    close.addEventListener("click", () => this.root.hidePopover());
    this.root.id = "why";
    this.root.popover = "auto";
    this.root.role = "dialog";
    this.title.id = "why-title";
    this.root.tabIndex = -1;
    this.root.setAttribute("aria-labelledby", this.title.id);
    this.layers.setAttribute("aria-live", "polite");
    const head = el("div", "head");
    head.append(this.title, close);
    this.root.append(head, this.short, this.layers);
    // It grows as its answers come in.
    new ResizeObserver(() => this.from !== null && placeBeside(this.root, this.from)).observe(this.root);
    this.root.addEventListener("toggle", (event) => (event as ToggleEvent).newState === "closed" && this.closed());
  }

  async open({ permission, member = this.uses.me, text = "", steps }: Question, at: HTMLElement): Promise<void> {
    const turn = (this.asked += 1);
    const subject = this.uses.subject(member);
    this.from = at;
    this.title.textContent = texts.asking(subject, texts.rights[permission] ?? permission);
    this.short.textContent = text;
    this.short.hidden = text === "";
    this.layers.replaceChildren(el("li", "hint", texts.loading));
    this.reveal(at);
    try {
      const trace = steps === undefined ? await this.uses.explain(permission, member) : { allowed: false, steps: [...steps] };
      if (turn === this.asked) this.draw(trace, permission, subject);
    } catch (error) {
      if (turn === this.asked) this.layers.replaceChildren(el("li", "problem", textOf(error)));
    }
  }

  /** What lies outside an open dialog cannot be reached. */
  private reveal(at: HTMLElement): void {
    const within = at.closest("dialog") ?? document.body;
    if (this.root.parentElement !== within) within.append(this.root);
    this.root.showPopover();
    placeBeside(this.root, at);
    this.root.focus();
  }

  private closed(): void {
    const { activeElement } = document;
    if (activeElement === document.body || this.root.contains(activeElement)) this.from?.focus();
  }

  private draw(trace: Trace, permission: Permission, subject: Subject): void {
    const title = trace.allowed ? texts.may : texts.mayNot;
    this.title.textContent = title(subject, texts.rights[permission] ?? permission);
    const settles = decisive(trace);
    this.layers.replaceChildren(...trace.steps.map((step, at) => this.layer(step, subject, at === settles)));
  }

  private layer(step: Step, subject: Subject, settles: boolean): HTMLElement {
    const item = el("li", "layer");
    item.dataset["effect"] = step.effect;
    const words = el("span", "words", layerWords(step, subject));
    words.dir = "auto";
    item.append(words);
    if (settles) {
      item.classList.add("settles");
      item.append(" ", el("span", "badge", texts.settles));
    }
    const origin = el("span", "origin meta");
    item.append(origin);
    if (step.event !== null) void this.tellOrigin(origin, step.event);
    return item;
  }

  private async tellOrigin(origin: HTMLElement, id: string): Promise<void> {
    const event = await this.uses.event(id).catch(() => null);
    if (event === null) return;
    const link = el("button", "link", texts.event(event.seq));
    link.type = "button";
    link.addEventListener("click", () => {
      // Where it leads lies behind whatever is open.
      this.from?.closest("dialog")?.close();
      this.from = null;
      this.root.hidePopover();
      this.uses.show(event);
    });
    origin.append(`${texts.setBy(this.uses.actor(event), moment(event.at ?? ""))} · `, link);
  }
}
