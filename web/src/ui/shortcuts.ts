import { actionOf, KEYS, targetOf, type Action } from "../player/keys";
import { player as texts } from "../strings";
import { byId, el } from "./dom";
import { prefer, prefs } from "./prefs";

/** What keys do, wherever nothing is being written. */
export class Shortcuts {
  private readonly dialog = byId("keys", HTMLDialogElement);
  private readonly single = byId("keys-single", HTMLInputElement);

  constructor(private readonly perform: Readonly<Record<Exclude<Action, "help">, () => void>>) {
    byId("keys-table", HTMLTableSectionElement).append(...KEYS.map(({ action, keys }) => row(action, keys)));
    byId("keys-open", HTMLButtonElement).addEventListener("click", () => this.help());
    byId("keys-close", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    this.single.addEventListener("change", () => prefer({ shortcuts: this.single.checked }));
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  private pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const focused = document.activeElement;
    const target = targetOf(focused);
    // Out of a field, to where keys mean something again.
    if (event.key === "Escape" && target === "text" && focused instanceof HTMLInputElement) return focused.blur();
    const action = actionOf(event, target, prefs().shortcuts);
    if (action === null) return;
    // Escape has uses of the browser's own.
    if (action !== "leave") event.preventDefault();
    if (action === "help") this.help();
    else this.perform[action]();
  }

  private help(): void {
    this.single.checked = prefs().shortcuts;
    this.dialog.showModal();
  }
}

function row(action: Action, keys: readonly string[]): HTMLTableRowElement {
  const made = el("tr");
  const cell = el("th");
  cell.scope = "row";
  for (const key of keys) cell.append(el("kbd", "", texts.keyNames[key] ?? key.toUpperCase()), " ");
  made.append(cell, el("td", "", texts.keys[action]));
  return made;
}
