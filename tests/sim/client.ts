import { ServerClock } from "../../web/src/sync/clock";
import { Follower, type FollowerPorts, type Gesture } from "../../web/src/sync/follower";
import type { MediaElement, MediaEvent } from "../../web/src/sync/media_element";
import type { Course } from "../../web/src/sync/motion";
import { STANDARD, type Profile } from "../../web/src/sync/profile";
import { LocalClock } from "./local_clock";
import { DESKTOP, SimMedia, type Build } from "./media";
import { Stream, type Way } from "./network";
import type { Random } from "./random";
import type { Order, SimRoom } from "./room";
import type { Timeline } from "./timeline";

/** What moves the medium after the room: the page's follower, or a peer's rule. */
export interface Controller {
  follow(course: Course | null, live?: boolean): void;
  renew(): void;
  unlock(): void;
  letGo(): () => void;
  cameBack(): void;
  heard(event: MediaEvent): Gesture | null;
}

export type Ports = FollowerPorts & {
  /** The server's time, by an exchange that begins now. */
  ask(): Promise<{ t1: number; t2: number }>;
};

export interface Kind {
  up: Way;
  down: Way;
  build: Omit<Build, "ppm">;
  profile: Profile;
  live: boolean;
  /** The local clock and the audio's are off by up to this. */
  ppm: number;
  control(media: MediaElement, ports: Ports, profile: Profile): Controller;
}

const FAR: Way = { delayMs: 100, jitterMs: 25, loss: 0.01 };

/** A round trip of 200 ± 50 ms, one in a hundred packets lost. */
export const ORDINARY: Kind = {
  up: FAR,
  down: FAR,
  build: DESKTOP,
  profile: STANDARD,
  live: false,
  ppm: 50,
  control: (media, ports, profile) => new Follower(media, ports, profile),
};

const REPORT_MS = 5_000;

/** A person at a page: the real following and the real clock, at the end of a network, over a simulated player. */
export class SimClient {
  readonly clock: LocalClock;
  readonly media: SimMedia;
  readonly serverClock: ServerClock;
  readonly controller: Controller;
  hidden = false;
  /** What this page asked of the room. */
  readonly sent: Order[] = [];
  private readonly up: Stream;
  private readonly down: Stream;
  private course: Course | null = null;
  private leave: () => void = () => undefined;
  private room: SimRoom | null = null;

  constructor(
    timeline: Timeline,
    random: Random,
    readonly kind: Kind,
  ) {
    this.up = new Stream(timeline, random.fork(), kind.up);
    this.down = new Stream(timeline, random.fork(), kind.down);
    this.clock = new LocalClock(timeline, random.between(-kind.ppm, kind.ppm), random.between(0, 1e7));
    const chance = random.fork();
    this.media = new SimMedia(timeline, chance, { ...kind.build, ppm: chance.between(-kind.ppm, kind.ppm) });
    const { monotonic, later } = this.clock;
    this.serverClock = new ServerClock(() => this.askTime(), { monotonic, later, random: () => chance.next() });
    const page = { hidden: () => this.hidden, blocked: () => undefined };
    const ports = { clock: this.serverClock, monotonic, later, ask: () => this.askTime(), ...page };
    this.controller = kind.control(this.media, ports, kind.profile);
    this.media.heard = (event) => this.clock.awake(() => this.take(this.controller.heard(event)));
    this.report();
  }

  get isConnected(): boolean {
    return this.room !== null;
  }

  /** Opens the page, and clicks it. */
  join(room: SimRoom): void {
    this.connect(room);
    this.serverClock.start();
    this.controller.unlock();
  }

  connect(room: SimRoom): void {
    this.room = room;
    this.hear(room.course);
    this.leave = room.subscribe((course) => this.hear(course));
    this.serverClock.refresh();
  }

  disconnect(): void {
    this.leave();
    this.room = null;
    this.up.cut();
    this.down.cut();
  }

  /** As by a button of the page. Resolves when the room has answered. */
  order(order: Order): Promise<void> {
    this.sent.push(order);
    return new Promise((done) => this.up.send(() => (this.room?.order(order), this.tell(done))));
  }

  hide(): void {
    this.hidden = true;
  }

  show(): void {
    this.hidden = false;
    this.serverClock.refresh();
    this.controller.cameBack();
  }

  private tell(what: () => void): void {
    this.down.send(() => this.clock.awake(what));
  }

  private hear(course: Course): void {
    this.tell(() => {
      const changed = course.item_id !== this.course?.item_id;
      this.course = course;
      if (changed) this.load(course);
      this.controller.follow(course, this.kind.live);
    });
  }

  private load(course: Course): void {
    this.media.load(this.kind.live ? Infinity : (course.duration_ms ?? Infinity));
    this.controller.renew();
  }

  private take(gesture: Gesture | null): void {
    if (gesture === null) return;
    const order: Order = gesture.type === "play" ? gesture : { type: gesture.type, position_ms: gesture.positionMs };
    void this.order(order).finally(this.controller.letGo());
  }

  private askTime(): Promise<{ t1: number; t2: number }> {
    return new Promise((done) => {
      this.up.send(() => {
        const { room } = this;
        if (room === null) return;
        const now = room.nowMs();
        this.tell(() => done({ t1: now, t2: now }));
      });
    });
  }

  private report(): void {
    const { rttMs } = this.serverClock;
    if (rttMs !== null && this.room !== null) this.up.send(() => this.room?.report(this, rttMs / 2));
    this.clock.later(REPORT_MS, () => this.report());
  }
}
