/** Goes through the messages by arrow keys; whoever is at one gets its tools there. */
export class MessageKeys {
  constructor(
    private readonly box: HTMLElement,
    at: (row: HTMLElement) => void,
    private readonly leave: () => void,
  ) {
    box.addEventListener("keydown", (event) => this.key(event));
    const reach = ({ target }: Event) => {
      const row = rowAt(target);
      if (row !== null) at(row);
    };
    // What comes up under a finger would be pressed by it: a tap counts once it is over.
    const hovers = matchMedia("(hover: hover)");
    box.addEventListener("pointerover", (event) => hovers.matches && event.pointerType !== "touch" && reach(event));
    box.addEventListener("focusin", (event) => (event.target as Element).matches(":focus-visible") && reach(event));
    box.addEventListener("click", reach);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") return this.leave();
    const rows = [...this.box.querySelectorAll<HTMLElement>(".message")];
    const here = rows.indexOf(rowAt(document.activeElement) as HTMLElement);
    const to = next(event.key, here, rows.length);
    const row = to === null ? undefined : rows[to];
    if (row === undefined) return;
    event.preventDefault();
    row.focus();
    row.scrollIntoView({ block: "nearest" });
  }
}

/** Which of the rows a key leads to; the list itself is after the last. */
export function next(key: string, here: number, count: number): number | null {
  const from = here < 0 ? count : here;
  if (key === "ArrowUp") return Math.max(0, from - 1);
  if (key === "ArrowDown") return from >= count ? null : Math.min(count - 1, from + 1);
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}

function rowAt(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".message") : null;
}
