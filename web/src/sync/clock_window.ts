/** One exchange with the server: t0 and t3 by the local monotonic clock, t1 and t2 by the server's; all in ms. */
export interface Exchange {
  t0: number;
  t1: number;
  t2: number;
  t3: number;
}

interface Sample {
  /** To add to the local clock to get the server's. */
  offset: number;
  /** The round trip without the server's own share. */
  rtt: number;
  atMs: number;
}

const KEPT = 8;
const BEST = 3;
const EXPIRES_MS = 180_000;
/** What clocks drift apart between two samples, and whole ms on the wire. */
const SLACK_MS = 10;

/** The last exchanges. The quickest of them erred least on their way; the mean of several evens out the rest. */
export class ClockWindow {
  private samples: Sample[] = [];

  /** Answers whether it fits what was known: a local clock that stood still or jumped makes all of that worthless. */
  add({ t0, t1, t2, t3 }: Exchange): boolean {
    const sample = { offset: (t1 - t0 + (t2 - t3)) / 2, rtt: Math.max(0, t3 - t0 - (t2 - t1)), atMs: t3 };
    const valid = this.samples.filter(({ atMs }) => t3 - atMs <= EXPIRES_MS);
    const fits = valid.every((other) => agree(sample, other));
    this.samples = [...(fits ? valid : []), sample].slice(-KEPT);
    return fits;
  }

  get size(): number {
    return this.samples.length;
  }

  /** null without samples. */
  get offset(): number | null {
    const best = [...this.samples].sort((a, b) => a.rtt - b.rtt).slice(0, BEST);
    return best.length === 0 ? null : best.reduce((sum, { offset }) => sum + offset, 0) / best.length;
  }

  /** The shortest round trip; null without samples. */
  get rtt(): number | null {
    return this.samples.length === 0 ? null : Math.min(...this.samples.map(({ rtt }) => rtt));
  }
}

/** The true offset is at most half a round trip from each sample's. */
function agree(one: Sample, other: Sample): boolean {
  return Math.abs(one.offset - other.offset) <= (one.rtt + other.rtt) / 2 + SLACK_MS;
}
