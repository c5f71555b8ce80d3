import { note } from "./toast";

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
