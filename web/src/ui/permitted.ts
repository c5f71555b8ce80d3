import type { Hindrance } from "../state/hindrance";
import type { Permission } from "../state/permissions";
import { askWhy } from "./ask_why";
import { note } from "./toast";

/** Greys a button and says why; it stays within reach, so that the reason does. `permission` is the right that is lacking. */
export function grey(button: HTMLElement, why: string | null, permission?: Permission): void {
  if (why === null) {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("title");
    delete button.dataset["lacks"];
    return;
  }
  button.setAttribute("aria-disabled", "true");
  button.title = why;
  if (permission === undefined) delete button.dataset["lacks"];
  else button.dataset["lacks"] = permission;
}

export function bar(button: HTMLElement, hindrance: Hindrance | null): void {
  grey(button, hindrance?.text ?? null, hindrance?.lacks);
}

/** Whether a button may be used; who presses a grey one is told why not. */
export function mayUse(button: HTMLElement): boolean {
  if (button.ariaDisabled !== "true") return true;
  const permission = button.dataset["lacks"] as Permission | undefined;
  if (permission === undefined) note(button.title);
  else askWhy({ permission, text: button.title }, button);
  return false;
}

export function onUse(button: HTMLButtonElement, use: () => void): void {
  button.addEventListener("click", () => mayUse(button) && use());
}
