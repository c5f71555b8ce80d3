import type { Later } from "../../web/src/net/later";

interface Entry {
  atMs: number;
  order: number;
  then: () => void;
  cancelled: boolean;
}

/** How many turns a chain of promises gets to come to rest. */
const TURNS = 8;

/** Virtual time: what is due happens in its order, and no time passes otherwise. */
export class Timeline {
  nowMs = 0;
  private readonly heap: Entry[] = [];
  private order = 0;

  readonly later: Later = (ms, then) => {
    const entry = { atMs: this.nowMs + Math.max(0, ms), order: (this.order += 1), then, cancelled: false };
    this.push(entry);
    return () => (entry.cancelled = true);
  };

  async run(untilMs: number): Promise<void> {
    for (let next = this.heap[0]; next !== undefined && next.atMs <= untilMs; next = this.heap[0]) {
      this.pop();
      if (next.cancelled) continue;
      this.nowMs = next.atMs;
      next.then();
      for (let turn = 0; turn < TURNS; turn += 1) await null;
    }
    this.nowMs = untilMs;
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.push(entry) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && before(entry, heap[parent]!); parent = (at - 1) >> 1) {
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function before(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
