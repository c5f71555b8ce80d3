import { byId, el } from "./dom";
import { Problem } from "../net/problem";
import { textOf } from "./problem_text";
import { whyButtons } from "./why_button";

const SHOWN_MS = 6_000;
const PER_LETTER_MS = 60;

/** Shows a text for as long as it takes to read it, and for as long as it is pointed at or used. */
function show(text: string, list: "notes" | "problems", more: readonly HTMLElement[] = []): void {
  const toast = el("div", "toast");
  const words = el("p", "", text);
  words.dir = "auto";
  toast.append(words, ...more);
  const leave = () => setTimeout(() => toast.remove(), SHOWN_MS + text.length * PER_LETTER_MS);
  let going = leave();
  for (const event of ["pointerenter", "focusin"]) toast.addEventListener(event, () => clearTimeout(going));
  for (const event of ["pointerleave", "focusout"]) toast.addEventListener(event, () => (going = leave()));
  raise();
  byId(list, HTMLElement).append(toast);
}

/** Nothing lies over them: a dialog that is open was opened later. */
function raise(): void {
  const box = byId("toasts", HTMLElement);
  const open = box.matches(":popover-open");
  if (open && document.querySelector("dialog[open]") !== null) box.hidePopover();
  if (!box.matches(":popover-open")) box.showPopover();
}

export function note(text: string): void {
  show(text, "notes");
}

/** Shows a failure. Another client having been quicker is no failure worth showing. */
export function complain(error: unknown): void {
  if (error instanceof Problem && error.code === "stale_item") return;
  show(textOf(error), "problems", whyButtons(error));
}
