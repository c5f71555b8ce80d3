import { afterwards, type Later } from "./later";

interface Answer {
  t1: number;
  t2: number;
}

/** Longer round trips say nothing about the time. */
const WAIT_MS = 5_000;

/** Exchanges of the clock: over the socket, or by calls while that is not open. */
export class Exchanges {
  private readonly waiting = new Map<number, { done(answer: Answer): void; failed(error: Error): void }>();

  constructor(
    private readonly say: (message: object) => boolean,
    private readonly call: (t0: number) => Promise<Answer>,
    private readonly later: Later = afterwards,
  ) {}

  /** The answer has no id: it is known by the whole ms that were sent. */
  ask(t0: number): Promise<Answer> {
    const sent = Math.round(t0);
    if (!this.say({ clock: { t0: sent } })) return this.call(t0);
    return new Promise((done, failed) => {
      this.waiting.set(sent, { done, failed });
      this.later(WAIT_MS, () => this.fail(sent));
    });
  }

  hear(answer: Answer & { t0: number }): void {
    this.waiting.get(answer.t0)?.done(answer);
    this.waiting.delete(answer.t0);
  }

  lost(): void {
    for (const sent of this.waiting.keys()) this.fail(sent);
  }

  private fail(sent: number): void {
    this.waiting.get(sent)?.failed(new Error("no answer"));
    this.waiting.delete(sent);
  }
}
