/** Chance that the same seed repeats. */
export class Random {
  constructor(private state: number) {}

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Half are below the median; the larger the spread, the longer the tail. */
  lognormal(median: number, spread: number): number {
    return median * Math.exp(spread * this.normal());
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)]!;
  }

  /** Chance of its own, so that what happens here changes nothing there. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}
