import type { MediaElement, MediaEvent, Ranges } from "../../web/src/sync/media_element";
import type { Random } from "./random";
import type { Timeline } from "./timeline";

/** How a player and its machine behave. */
export interface Build {
  /** From a seek until it can play there: half of them take less. */
  seekMs: number;
  seekSpread: number;
  /** From play until the first frame moves. */
  startMs: readonly [number, number];
  /** From the address until it can play. */
  loadMs: readonly [number, number];
  /** What it loses at every change of the rate. */
  rateChangeMs: readonly [number, number];
  /** The audio's clock is not the one of the machine. */
  ppm: number;
  /** Positions are told in steps of this. */
  grainMs: number;
  /** Its site serves parts of files. */
  seekable: boolean;
}

export const DESKTOP: Omit<Build, "ppm"> = {
  seekMs: 150,
  seekSpread: 0.35,
  startMs: [20, 80],
  loadMs: [150, 600],
  rateChangeMs: [0, 5],
  grainMs: 5,
  seekable: true,
};

export const SAFARI: Omit<Build, "ppm"> = { ...DESKTOP, rateChangeMs: [200, 200], seekMs: 250 };

const HAVE_METADATA = 1;
const HAVE_CURRENT_DATA = 2;
const HAVE_ENOUGH_DATA = 4;
/** Events arrive a little after what they tell of. */
const EVENT_MS = 1;
const NEW_SEGMENT_MS = 2_000;

/** A video element in virtual time. */
export class SimMedia implements MediaElement {
  paused = true;
  seeking = false;
  readyState = 0;
  duration = NaN;
  preservesPitch = false;
  error: unknown = null;
  heard: (event: MediaEvent) => void = () => undefined;
  /** How often it was sent elsewhere, and given another rate. */
  seeks = 0;
  rates = 0;

  private base = { atMs: 0, positionMs: 0 };
  private rate = 1;
  /** Frames move: it plays, and is neither starting nor waiting. */
  private moving = false;
  /** It stands still because of a change of the rate. */
  private slipping = false;
  private begin: () => void = () => undefined;
  private arrive: () => void = () => undefined;
  private liveSinceMs: number | null = null;

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
    private readonly build: Build,
  ) {}

  /** Where it really is. */
  get positionMs(): number {
    const speed = this.moving ? this.rate * (1 + this.build.ppm / 1e6) : 0;
    const position = this.base.positionMs + speed * (this.timeline.nowMs - this.base.atMs);
    return Math.min(position, this.endMs());
  }

  get currentTime(): number {
    const { grainMs } = this.build;
    return (this.moving ? Math.floor(this.positionMs / grainMs) * grainMs : this.positionMs) / 1000;
  }

  set currentTime(seconds: number) {
    this.seeks += 1;
    this.halt();
    this.seeking = true;
    this.readyState = HAVE_METADATA;
    this.base.positionMs = this.build.seekable ? Math.min(Math.max(0, seconds * 1000), this.endMs()) : 0;
    this.tell("seeking");
    this.arrive();
    const takes = this.random.lognormal(this.build.seekMs, this.build.seekSpread);
    this.arrive = this.timeline.later(takes, () => {
      this.seeking = false;
      this.tell("seeked");
      this.supply();
    });
  }

  get playbackRate(): number {
    return this.rate;
  }

  set playbackRate(rate: number) {
    if (rate === this.rate) return;
    this.rates += 1;
    if (this.moving || this.slipping) {
      this.halt();
      this.slipping = true;
      this.begin = this.timeline.later(this.random.between(...this.build.rateChangeMs), () => this.move());
    }
    this.rate = rate;
  }

  get ended(): boolean {
    return this.liveSinceMs === null && this.positionMs >= this.endMs();
  }

  /** Where it can be sent: nowhere but to its beginning, if its site does not serve parts of files. */
  get seekable(): Ranges {
    const end = this.build.seekable ? this.endMs() : 0;
    return { length: this.readyState === 0 ? 0 : 1, start: () => 0, end: () => end / 1000 };
  }

  get isMoving(): boolean {
    return this.moving;
  }

  get buffered(): Ranges {
    const end = this.liveSinceMs === null ? Math.min(this.positionMs + 30_000, this.endMs()) : this.endMs();
    return { length: this.readyState === 0 ? 0 : 1, start: () => 0, end: () => end / 1000 };
  }

  play(): Promise<void> {
    if (this.paused) {
      this.paused = false;
      this.tell("play");
      if (this.readyState === HAVE_ENOUGH_DATA) this.startMoving();
    }
    return Promise.resolve();
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.halt();
    this.tell("pause");
  }

  /** Another medium; one without end is live. */
  load(durationMs: number): void {
    this.halt();
    this.arrive();
    Object.assign(this, { paused: true, seeking: false, readyState: 0, duration: NaN });
    this.liveSinceMs = null;
    this.base = { atMs: this.timeline.nowMs, positionMs: 0 };
    this.arrive = this.timeline.later(this.random.between(...this.build.loadMs), () => {
      this.duration = durationMs / 1000;
      if (durationMs === Infinity) this.goLive();
      this.readyState = HAVE_METADATA;
      this.tell("loadedmetadata");
      this.supply();
    });
  }

  /** Runs dry for a time. */
  stall(ms: number): void {
    this.halt();
    this.readyState = HAVE_CURRENT_DATA;
    this.tell("waiting");
    this.arrive();
    this.arrive = this.timeline.later(ms, () => this.supply());
  }

  /** Stands still unasked, as players do where nobody looks. */
  freeze(): void {
    this.halt();
  }

  thaw(): void {
    if (!this.paused && this.readyState === HAVE_ENOUGH_DATA) this.move();
  }

  private supply(): void {
    this.readyState = HAVE_ENOUGH_DATA;
    this.tell("canplay");
    if (!this.paused) this.startMoving();
  }

  private startMoving(): void {
    this.begin();
    this.begin = this.timeline.later(this.random.between(...this.build.startMs), () => {
      this.move();
      this.tell("playing");
    });
  }

  private move(): void {
    this.base.atMs = this.timeline.nowMs;
    this.moving = true;
    this.slipping = false;
  }

  private halt(): void {
    this.base = { atMs: this.timeline.nowMs, positionMs: this.positionMs };
    this.moving = false;
    this.slipping = false;
    this.begin();
  }

  private goLive(): void {
    this.liveSinceMs = this.timeline.nowMs - 20_000;
    this.base = { atMs: this.timeline.nowMs, positionMs: this.endMs() - 3_000 };
  }

  /** A live stream ends, for now, with its last whole segment. */
  private endMs(): number {
    if (this.liveSinceMs !== null) {
      const live = this.timeline.nowMs - this.liveSinceMs;
      return Math.floor(live / NEW_SEGMENT_MS) * NEW_SEGMENT_MS;
    }
    return Number.isNaN(this.duration) ? Infinity : this.duration * 1000;
  }

  private tell(event: MediaEvent): void {
    this.timeline.later(EVENT_MS, () => this.heard(event));
  }
}
