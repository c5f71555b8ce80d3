const EVERY_MS = 3_000;

/** Tells that somebody writes, now and then; not that the keys of a draft were pressed. */
export class Typing {
  private told = false;
  private toldAt = -Infinity;

  constructor(
    private readonly tell: (typing: boolean) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The draft changed. */
  wrote(draft: string): void {
    if (draft.trim() === "") return this.stopped();
    if (this.now() - this.toldAt < EVERY_MS) return;
    this.told = true;
    this.toldAt = this.now();
    this.tell(true);
  }

  stopped(): void {
    if (!this.told) return;
    this.told = false;
    this.tell(false);
  }
}
