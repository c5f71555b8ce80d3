import type { Refusal } from "../state/rights";
import { refused } from "../strings";
import { note } from "./toast";

/** Why somebody may not, in words; null: they may. */
export function whyNot(refusal: Refusal | null): string | null {
  if (refusal === null) return null;
  if (refusal.kind === "role" || refusal.kind === "control") return refused[refusal.kind](refusal.needed);
  return refused[refusal.kind];
}

/** Greys a button and says why; it stays within reach, so that the reason does. */
export function grey(button: HTMLButtonElement, why: string | null): void {
  if (why === null) {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("title");
  } else {
    button.setAttribute("aria-disabled", "true");
    button.title = why;
  }
}

/** Whether a button may be used; who presses a grey one is told why not. */
export function mayUse(button: HTMLButtonElement): boolean {
  if (button.ariaDisabled !== "true") return true;
  note(button.title);
  return false;
}

export function onUse(button: HTMLButtonElement, use: () => void): void {
  button.addEventListener("click", () => mayUse(button) && use());
}
