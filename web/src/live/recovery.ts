import type { Later } from "../net/later";
import { Fallback } from "./fallback";
import type { Failure, Format, LiveSource } from "./source";

export type LiveStatus =
  | { kind: "off" }
  | { kind: "connecting"; format: Format | null }
  | { kind: "playing"; format: Format }
  /** It broke: the next attempt comes after a pause. */
  | { kind: "waiting" }
  /** None of its formats can be played here, as far as it turned out. */
  | { kind: "unplayable" };

/** What is told of one attempt to play. */
export interface LiveTold {
  /** It plays. */
  playing(): void;
  /** It moved on. */
  moved(): void;
  failed(failure: Failure): void;
}

export interface RecoveryPorts {
  /** Where the stream can be had now. */
  ask(): Promise<readonly LiveSource[]>;
  /** Plays it, until the answer is called. */
  play(source: LiveSource, told: LiveTold): () => void;
  /** Whether it can be had, without taking any of it. */
  isThere(source: LiveSource): Promise<boolean>;
  changed(status: LiveStatus): void;
  later: Later;
  random(): number;
}

/** Segments are asked for again about as often as a new one may be there. */
const SEGMENT_MS = 1_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 5_000;
const ASK_MS = 8_000;
/** What has not begun by then will not; segments take their time. */
const BEGIN_MS: Readonly<Record<Format, number>> = { flv: 8_000, hls: 20_000 };
/** What stands still for so long is broken: a server that was killed says no word. */
const STILL_MS: Readonly<Record<Format, number>> = { flv: 6_000, hls: 12_000 };
/** Whatever plays for so long has recovered. */
const STEADY_MS = 10_000;
/** What is preferred is looked for while something else plays, ever more rarely. */
const LOOK_MS = 5_000;
const RAREST_LOOK_MS = 60_000;

/** Keeps a live stream playing for as long as the room has one: whatever breaks is tried again, ever more rarely. */
export class Recovery {
  private readonly fallback = new Fallback();
  private seq: number | null = null;
  /** Tells what is under way from what was before. */
  private turn = 0;
  private failures = 0;
  private looks = 0;
  /** The last attempt was made without a pause. */
  private hasty = false;
  private status: LiveStatus = { kind: "off" };
  private stop: (() => void) | null = null;
  private cancels: Partial<Record<"next" | "watch" | "steady" | "look", () => void>> = {};

  constructor(private readonly ports: RecoveryPorts) {}

  /** The room has a stream, which began with this event; another one than before is begun at once. */
  go(seq: number): void {
    if (seq === this.seq) return;
    this.seq = seq;
    this.fallback.forget();
    this.anew();
  }

  off(): void {
    this.seq = null;
    this.clear();
    this.put({ kind: "off" });
  }

  /** A person wants it this way. */
  prefer(format: Format): void {
    this.fallback.prefer(format);
    if (this.seq !== null) this.anew();
  }

  /** The network may be another one: what waits waits no longer. */
  nudge(): void {
    if (this.status.kind === "waiting") void this.attempt();
  }

  private anew(): void {
    this.failures = this.looks = 0;
    this.hasty = false;
    this.status = { kind: "off" };
    void this.attempt();
  }

  private clear(): void {
    this.turn += 1;
    for (const cancel of Object.values(this.cancels)) cancel();
    this.cancels = {};
    this.stop?.();
    this.stop = null;
  }

  private async attempt(): Promise<void> {
    this.clear();
    const { turn } = this;
    this.connecting(null);
    this.set("watch", ASK_MS, () => this.again(this.pause()));
    const sources = await this.ports.ask().catch(() => null);
    if (turn !== this.turn) return;
    const source = this.fallback.choose(sources ?? []);
    if (source !== null) return this.play(source);
    if (sources === null || sources.length === 0) return this.again(this.pause());
    this.clear();
    this.put({ kind: "unplayable" });
  }

  private play(source: LiveSource): void {
    const { turn } = this;
    const { format } = source;
    const current = () => turn === this.turn;
    this.connecting(format);
    this.set("watch", BEGIN_MS[format], () => this.failed("broken", format));
    const stop = this.ports.play(source, {
      playing: () => current() && this.plays(format),
      moved: () => current() && this.status.kind === "playing" && this.watch(format),
      failed: (failure) => current() && this.failed(failure, format),
    });
    if (current()) this.stop = stop;
    else stop();
  }

  private plays(format: Format): void {
    this.watch(format);
    if (this.status.kind === "playing") return;
    this.put({ kind: "playing", format });
    this.set("steady", STEADY_MS, () => {
      this.failures = 0;
      this.hasty = false;
      if (this.fallback.missed === null) this.looks = 0;
      this.fallback.worked();
    });
    this.lookLater();
  }

  private lookLater(): void {
    if (this.fallback.missed === null) return;
    this.set("look", Math.min(RAREST_LOOK_MS, LOOK_MS * 2 ** this.looks), () => void this.look());
    this.looks += 1;
  }

  /** What plays goes on meanwhile. */
  private async look(): Promise<void> {
    const { turn } = this;
    const sources = await this.ports.ask().catch(() => []);
    const wanted = sources.find(({ format }) => format === this.fallback.missed);
    const there = wanted !== undefined && (await this.ports.isThere(wanted));
    if (turn !== this.turn) return;
    if (!there) return this.lookLater();
    this.fallback.comeBack();
    void this.attempt();
  }

  private failed(failure: Failure, format: Format): void {
    const elsewise = this.fallback.failed(failure, format);
    if ((elsewise || failure === "expired") && !this.hasty) {
      this.hasty = true;
      return void this.attempt();
    }
    const segment = failure === "not_yet" && !this.fallback.isLacking;
    this.again(segment ? SEGMENT_MS * (0.5 + this.ports.random()) : this.pause());
  }

  private again(ms: number): void {
    this.clear();
    this.hasty = false;
    // Where one format cannot be decoded, the other one may yet come.
    this.put({ kind: this.fallback.isLacking ? "unplayable" : "waiting" });
    this.set("next", ms, () => void this.attempt());
  }

  private connecting(format: Format | null): void {
    if (this.status.kind !== "unplayable") this.put({ kind: "connecting", format });
  }

  /** Doubling, and spread so that viewers do not come back together. */
  private pause(): number {
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.failures);
    this.failures += 1;
    return ceiling / 2 + (ceiling / 2) * this.ports.random();
  }

  private watch(format: Format): void {
    this.set("watch", STILL_MS[format], () => this.failed("still", format));
  }

  private set(name: keyof Recovery["cancels"], ms: number, then: () => void): void {
    this.cancels[name]?.();
    this.cancels[name] = this.ports.later(ms, then);
  }

  private put(status: LiveStatus): void {
    this.status = status;
    this.ports.changed(status);
  }
}
