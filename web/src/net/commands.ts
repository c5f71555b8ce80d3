import { randomKey } from "./api";
import { afterwards, type Later } from "./later";
import type { Reply } from "./message";
import { Problem } from "./problem";
import type { Command, CommandAnswer } from "../state/types";

export interface Ways {
  /** Over the socket; false when it is not open. */
  say(message: object): boolean;
  /** By a call of its own, which repeats itself while that may help. */
  call(command: Command, key: string): Promise<CommandAnswer>;
}

interface Waiting {
  command: Command;
  key: string;
  done(answer: CommandAnswer): void;
  failed(error: unknown): void;
}

/** How long a lost connection may take to come back before commands go another way, in ms. */
const PATIENCE_MS = 3_000;

/** Commands under way. Each has a key: said again, it is not done again. */
export class Commands {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;
  private giveUp: (() => void) | null = null;

  constructor(
    private readonly ways: Ways,
    private readonly later: Later = afterwards,
  ) {}

  issue(command: Command, key: string = randomKey()): Promise<CommandAnswer> {
    return new Promise((done, failed) => {
      const id = (this.last += 1);
      this.waiting.set(id, { command, key, done, failed });
      if (!this.say(id)) this.call(id);
    });
  }

  hear(reply: Reply): void {
    const id = Number(reply.id);
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    const { problem } = reply;
    // A server that cannot answer now may do so soon, which the call waits for.
    if (problem?.status === 503) return this.call(id);
    this.waiting.delete(id);
    if (problem !== undefined) waiting.failed(Problem.from(problem.status ?? 0, problem));
    else waiting.done(answerOf(reply));
  }

  /** A connection is open: what was not answered over the one before is said again, in its order. */
  opened(): void {
    this.giveUp?.();
    for (const id of this.waiting.keys()) this.say(id);
  }

  lost(): void {
    this.giveUp?.();
    this.giveUp = this.later(PATIENCE_MS, () => {
      for (const id of this.waiting.keys()) this.call(id);
    });
  }

  private say(id: number): boolean {
    const waiting = this.waiting.get(id);
    return waiting !== undefined && this.ways.say({ id, command: waiting.command, key: waiting.key });
  }

  /** The first answer counts; all are the same. */
  private call(id: number): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    const { command, key, done, failed } = waiting;
    const settled = () => this.waiting.delete(id);
    this.ways.call(command, key).then(done, failed).finally(settled);
  }
}

function answerOf({ seq = 0, position = 0, events = [], secret }: Reply): CommandAnswer {
  return { seq, position, events, ...(secret === undefined ? {} : { secret }) };
}
