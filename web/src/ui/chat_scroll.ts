/** How far from the end still counts as reading the newest line, in pixels. */
const NEAR_END_PX = 80;
/** How far from the beginning older lines are asked for. */
const NEAR_START_PX = 200;

/** The scrolling of the chat: it stays at the end while somebody reads there, and in its place otherwise. */
export class ChatScroll {
  atEnd = true;

  constructor(
    private readonly box: HTMLElement,
    private readonly lines: HTMLElement,
    private readonly moved: () => void,
  ) {
    box.addEventListener("scroll", () => this.scrolled(), { passive: true });
    const observer = new ResizeObserver(() => this.atEnd && this.toEnd());
    observer.observe(lines);
    observer.observe(box);
  }

  get nearStart(): boolean {
    return this.box.scrollTop < NEAR_START_PX;
  }

  toEnd(): void {
    this.atEnd = true;
    this.box.scrollTop = this.box.scrollHeight;
  }

  /** Changes the lines; what is read stays where it is, whether or not the browser sees to that as well. */
  keep(change: () => void): void {
    const anchor = this.atEnd ? null : this.firstVisible();
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    if (this.atEnd) this.toEnd();
    else if (anchor?.isConnected) this.box.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  /** Brings a line into the middle, for a look at it. */
  show(line: HTMLElement): void {
    this.atEnd = false;
    line.scrollIntoView({ block: "center" });
    line.focus({ preventScroll: true });
  }

  private scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.box;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    this.moved();
  }

  /** The first message that can be seen; other lines may go when older ones come. */
  private firstVisible(): HTMLElement | null {
    const top = this.box.getBoundingClientRect().top;
    const lines = [...this.lines.children] as HTMLElement[];
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((lines[middle]?.getBoundingClientRect().bottom ?? 0) <= top) low = middle + 1;
      else high = middle;
    }
    return lines.slice(low).find(({ className }) => className.includes("message")) ?? lines[low] ?? null;
  }
}
