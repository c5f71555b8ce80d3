const WEIGHT = 0.4;
/** By how much of the usual deviation more is allowed for. */
const DEVIATIONS = 2;

/** How long the player takes to do something, as it turned out so far. */
export class Latency {
  private guessed = true;

  constructor(
    private usual: number,
    private deviation: number,
    private readonly longest: number,
  ) {}

  get usualMs(): number {
    return this.usual;
  }

  /** Mostly it takes no longer. */
  get ampleMs(): number {
    return this.usual + DEVIATIONS * this.deviation;
  }

  learn(ms: number): void {
    const taken = Math.min(Math.max(0, ms), this.longest);
    // What really happened once is worth more than any guess.
    if (this.guessed) this.usual = taken;
    this.guessed = false;
    this.deviation += WEIGHT * (Math.abs(taken - this.usual) - this.deviation);
    this.usual += WEIGHT * (taken - this.usual);
  }
}
