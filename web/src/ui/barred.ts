import type { Permission } from "../state/permissions";
import { askWhy, isAnswering } from "./ask_why";
import { placeBeside } from "./beside";
import { el } from "./dom";

/** What operates a select or a slider; the browser would let it change before anybody is asked. */
const OPERATING = ["mousedown", "keydown"];
/** The keys that ask for the whole reason; others only move. */
const ASKING = ["Enter", " "];

/** Greys a control that this person may not use: it stays in reach, and says why. */
export class Barred {
  private readonly tip = el("span", "tip");
  private reason: string | null = null;
  private lacks: Permission | null = null;

  constructor(private readonly control: HTMLElement) {
    this.tip.id = `${control.id}-why`;
    this.tip.role = "tooltip";
    this.tip.popover = "manual";
    control.after(this.tip);
    control.addEventListener("pointerenter", () => this.reveal());
    // What closes may give the focus back, and only then can something else open.
    control.addEventListener("focus", () => setTimeout(() => document.activeElement === control && this.reveal()));
    for (const event of ["pointerleave", "blur"]) control.addEventListener(event, () => this.hide());
    control.addEventListener("keydown", ({ key }) => key === "Escape" && this.hide());
    if (control instanceof HTMLButtonElement) return;
    for (const event of OPERATING) control.addEventListener(event, (pressed) => this.hold(pressed));
  }

  /** null: it may be used. `lacks` is the right that is missing, if that is the reason. */
  set(reason: string | null, lacks: Permission | null = null): void {
    this.lacks = lacks;
    if (reason === this.reason) return;
    this.reason = reason;
    this.control.ariaDisabled = String(reason !== null);
    this.tip.textContent = reason ?? "";
    if (reason !== null) return this.control.setAttribute("aria-describedby", this.tip.id);
    this.control.removeAttribute("aria-describedby");
    this.hide();
  }

  /** Whether it may not be used; says so then. */
  blocks(): boolean {
    if (this.reason !== null) this.ask();
    return this.reason !== null;
  }

  private ask(): void {
    if (this.lacks === null || this.reason === null) return this.reveal();
    this.hide();
    askWhy({ permission: this.lacks, text: this.reason }, this.control);
  }

  private reveal(): void {
    if (this.reason === null || isAnswering()) return;
    this.tip.showPopover();
    placeBeside(this.tip, this.control);
  }

  private hide(): void {
    this.tip.hidePopover();
  }

  private hold(event: Event): void {
    if (this.reason === null || (event instanceof KeyboardEvent && ["Tab", "Escape"].includes(event.key))) return;
    event.preventDefault();
    this.control.focus();
    if (event instanceof KeyboardEvent && !ASKING.includes(event.key)) this.reveal();
    else this.ask();
  }
}
