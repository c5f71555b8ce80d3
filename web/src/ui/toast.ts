import { byId, el } from "./dom";
import { Problem } from "../net/problem";
import { textOf } from "./problem_text";

const SHOWN_MS = 6_000;
const PER_LETTER_MS = 60;

/** Shows a text for as long as it takes to read it, and for as long as the pointer rests on it. */
function show(text: string, list: "notes" | "problems"): void {
  const toast = el("p", "toast", text);
  toast.dir = "auto";
  const leave = () => setTimeout(() => toast.remove(), SHOWN_MS + text.length * PER_LETTER_MS);
  let going = leave();
  toast.addEventListener("pointerenter", () => clearTimeout(going));
  toast.addEventListener("pointerleave", () => (going = leave()));
  byId(list, HTMLElement).append(toast);
}

export function note(text: string): void {
  show(text, "notes");
}

/** Shows a failure. Another client having been quicker is no failure worth showing. */
export function complain(error: unknown): void {
  if (error instanceof Problem && error.code === "stale_item") return;
  show(textOf(error), "problems");
}
