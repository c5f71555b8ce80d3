import type { Later } from "../src/net/later";

/** Time that goes on when it is told to. */
export class Time {
  now = 0;
  private waiting: { at: number; then: () => void }[] = [];

  readonly later: Later = (ms, then) => {
    const entry = { at: this.now + ms, then };
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry);
    };
  };

  /** Lets time pass; what falls due happens in its order. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    for (;;) {
      await settled();
      const due = this.waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.waiting = this.waiting.filter((other) => other !== due);
      this.now = due.at;
      due.then();
    }
    this.now = until;
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
