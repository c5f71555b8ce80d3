import { el } from "./dom";

/** Tabs and their panels: one is selected, arrow keys go from one to the next. */
export class Tabs {
  private readonly tabs: HTMLElement[];

  constructor(
    private readonly list: HTMLElement,
    private readonly selected: (panel: string) => void = () => undefined,
  ) {
    this.tabs = [...list.querySelectorAll<HTMLElement>('[role="tab"]')];
    list.addEventListener("click", ({ target }) => this.choose((target as Element).closest<HTMLElement>('[role="tab"]')));
    list.addEventListener("keydown", (event) => this.key(event));
    this.choose(this.tabs[0] ?? null);
  }

  isSelected(panel: string): boolean {
    return this.tab(panel)?.ariaSelected === "true";
  }

  select(panel: string): void {
    this.choose(this.tab(panel));
  }

  /** A short mark beside the name of a tab, and the words for it; none for an empty one. */
  mark(panel: string, text: string, label: string): void {
    const tab = this.tab(panel);
    tab?.querySelector(".badge")?.remove();
    tab?.removeAttribute("aria-label");
    if (tab === null || text === "") return;
    tab.setAttribute("aria-label", `${tab.textContent}, ${label}`);
    tab.append(el("span", "badge", ` ${text}`));
  }

  private tab(panel: string): HTMLElement | null {
    return this.tabs.find((tab) => tab.getAttribute("aria-controls") === panel) ?? null;
  }

  private choose(chosen: HTMLElement | null): void {
    if (chosen === null) return;
    for (const tab of this.tabs) {
      tab.ariaSelected = String(tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls") ?? "")?.toggleAttribute("data-away", tab !== chosen);
    }
    this.selected(chosen.getAttribute("aria-controls") ?? "");
  }

  private key(event: KeyboardEvent): void {
    const at = this.tabs.indexOf(document.activeElement as HTMLElement);
    const to = neighbour(event.key, at, this.tabs.length, getComputedStyle(this.list).direction === "rtl");
    if (at < 0 || to === null) return;
    event.preventDefault();
    const tab = this.tabs[to] ?? null;
    this.choose(tab);
    tab?.focus();
  }
}

/** Where a key leads from the tab at an index; null if nowhere. */
export function neighbour(key: string, at: number, count: number, rtl = false): number | null {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  return step === undefined ? null : (at + (rtl ? -step : step) + count) % count;
}
