import { afterwards, type Later } from "../net/later";
import { ClockWindow } from "./clock_window";
import { Slew } from "./slew";

type Ask = (t0: number) => Promise<{ t1: number; t2: number }>;

export interface ClockPorts {
  /** Local ms that never jump. */
  monotonic(): number;
  later: Later;
  random(): number;
}

const PAGE: ClockPorts = { monotonic: () => performance.now(), later: afterwards, random: Math.random };

const BURST = 5;
const BURST_MS = 250;
const EVERY_MS = 10_000;
const SPREAD = 0.2;
const FIRST_AGAIN_MS = 1_000;
const BEAT_MS = 1_000;
/** A timer that comes this late says that the machine, or the page, slept. */
const SLEPT_MS = 2_000;

/** The server's time, carried forward by the local monotonic clock; the wall clock is never asked. */
export class ServerClock {
  private readonly window = new ClockWindow();
  private readonly offset = new Slew();
  private next: () => void = () => undefined;

  constructor(
    private readonly ask: Ask,
    private readonly ports: ClockPorts = PAGE,
  ) {}

  /** The server's time in ms, or null before the first measurement. */
  now(): number | null {
    if (this.window.size === 0) return null;
    const local = this.ports.monotonic();
    return local + this.offset.at(local);
  }

  /** How far off the time may be, in ms. */
  get boundMs(): number | null {
    return this.window.rtt === null ? null : this.window.rtt / 2;
  }

  get rttMs(): number | null {
    return this.window.rtt;
  }

  /** Measures from now on for ever. */
  start(): void {
    this.refresh();
    this.beat(this.ports.monotonic());
  }

  /** Measures several times at once: the way to the server, or this clock, may be another one. */
  refresh(): void {
    this.burst(BURST);
  }

  /** One exchange after the other goes out, whether or not the one before was answered. */
  private burst(left: number): void {
    this.next();
    void this.measure();
    const again = this.window.size === 0 ? FIRST_AGAIN_MS : EVERY_MS * (1 + SPREAD * (2 * this.ports.random() - 1));
    this.next =
      left > 1
        ? this.ports.later(BURST_MS, () => this.burst(left - 1))
        : this.ports.later(again, () => this.burst(1));
  }

  private async measure(): Promise<void> {
    const t0 = this.ports.monotonic();
    try {
      const { t1, t2 } = await this.ask(t0);
      this.take(t0, t1, t2);
    } catch {
      // A lost exchange is no news: the next one will do.
    }
  }

  private take(t0: number, t1: number, t2: number): void {
    const t3 = this.ports.monotonic();
    const fits = this.window.add({ t0, t1, t2, t3 });
    // While little is known the first guess is not worth keeping.
    this.offset.turn(this.window.offset ?? 0, t3, this.window.size <= BURST);
    if (!fits) this.refresh();
  }

  private beat(lastMs: number): void {
    this.ports.later(BEAT_MS, () => {
      const now = this.ports.monotonic();
      if (now - lastMs > BEAT_MS + SLEPT_MS) this.refresh();
      this.beat(now);
    });
  }
}
