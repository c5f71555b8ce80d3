import type { Later } from "../net/later";

/** Passes a value on once it has stayed the same for a while; not again if it comes back to what was passed on. */
export class Settled<T> {
  private last: T;
  private next: T;
  private stop: (() => void) | null = null;

  constructor(
    first: T,
    private readonly ms: number,
    private readonly pass: (value: T) => void,
    private readonly later: Later,
  ) {
    this.last = first;
    this.next = first;
  }

  take(value: T): void {
    if (value === this.next) return;
    this.next = value;
    this.stop?.();
    this.stop = value === this.last ? null : this.later(this.ms, () => this.settle());
  }

  private settle(): void {
    this.stop = null;
    this.last = this.next;
    this.pass(this.last);
  }
}
