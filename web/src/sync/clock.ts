/** One exchange with the server: t0 and t3 by the local monotonic clock, t1 and t2 by the server's; all in ms. */
export interface Sample {
  t0: number;
  t1: number;
  t2: number;
  t3: number;
}

export interface Estimate {
  /** To add to the local clock to get the server's, in ms. */
  offset: number;
  /** The round trip without the server's own share, in ms. */
  rtt: number;
}

const SAMPLES = 5;
const EVERY_MS = 30_000;
const FIRST_AGAIN_MS = 1_000;

/** The offset by the sample with the shortest round trip: it leaves the least room for error. */
export function estimate(samples: readonly Sample[]): Estimate | null {
  let best: Estimate | null = null;
  for (const { t0, t1, t2, t3 } of samples) {
    const rtt = t3 - t0 - (t2 - t1);
    if (best === null || rtt < best.rtt) best = { offset: (t1 - t0 + (t2 - t3)) / 2, rtt };
  }
  return best;
}

type Exchange = (t0: number) => Promise<{ t1: number; t2: number }>;

/** The server's time, carried forward by the local monotonic clock; the wall clock is never asked. */
export class ServerClock {
  private current: Estimate | null = null;
  private measuring: Promise<void> | null = null;

  constructor(
    private readonly exchange: Exchange,
    private readonly local: () => number = () => performance.now(),
  ) {}

  get estimate(): Estimate | null {
    return this.current;
  }

  /** How far off the time may be, in ms. */
  get boundMs(): number | null {
    return this.current === null ? null : this.current.rtt / 2;
  }

  /** The server's time in ms, or null before the first measurement. */
  now(): number | null {
    return this.current === null ? null : this.local() + this.current.offset;
  }

  /** Takes a few samples one after the other; keeps the old estimate if none comes through. */
  measure(): Promise<void> {
    this.measuring ??= this.sample().finally(() => {
      this.measuring = null;
    });
    return this.measuring;
  }

  /** Measures now and every 30 s, and when the page comes back: a machine may have slept meanwhile. */
  start(): void {
    void this.first();
    setInterval(() => void this.measure(), EVERY_MS);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.measure();
    });
  }

  /** Nothing plays without the time, so that the first measurement is not left to the next round. */
  private async first(): Promise<void> {
    await this.measure();
    if (this.current === null) setTimeout(() => void this.first(), FIRST_AGAIN_MS);
  }

  private async sample(): Promise<void> {
    const samples: Sample[] = [];
    for (let i = 0; i < SAMPLES; i += 1) {
      const t0 = this.local();
      try {
        const { t1, t2 } = await this.exchange(t0);
        samples.push({ t0, t1, t2, t3: this.local() });
      } catch {
        // A lost sample is no news: the next one or the next round will do.
      }
    }
    this.current = estimate(samples) ?? this.current;
  }
}
