import type { Gesture } from "../../../web/src/sync/follower";
import type { MediaElement } from "../../../web/src/sync/media_element";
import { positionAt, type Course } from "../../../web/src/sync/motion";
import type { Controller, Ports } from "../client";

/** What the rules of peers have in common: a clock of their own, and a medium that they write to. */
export abstract class Peer implements Controller {
  protected course: Course | null = null;
  private offset: number | null = null;
  private quickest = Infinity;

  constructor(
    protected readonly media: MediaElement,
    protected readonly ports: Ports,
  ) {}

  follow(course: Course | null): void {
    this.course = course;
    if (course !== null && this.serverNow() !== null) this.commanded(course);
  }

  renew(): void {}
  cameBack(): void {}

  unlock(): void {
    this.measure();
  }

  letGo(): () => void {
    return () => undefined;
  }

  heard(): Gesture | null {
    return null;
  }

  /** The room was told something. */
  protected abstract commanded(course: Course): void;
  /** The clock is known. */
  protected abstract measured(): void;

  /** Keeps the exchange with the shortest round trip. */
  protected measure(): void {
    const t0 = this.ports.monotonic();
    void this.ports.ask().then(({ t1, t2 }) => {
      const t3 = this.ports.monotonic();
      const known = this.offset !== null;
      if (t3 - t0 < this.quickest) this.offset = (t1 - t0 + (t2 - t3)) / 2;
      this.quickest = Math.min(this.quickest, t3 - t0);
      if (!known && this.course !== null) this.commanded(this.course);
      this.measured();
    });
  }

  protected serverNow(): number | null {
    return this.offset === null ? null : this.ports.monotonic() + this.offset;
  }

  /** How far behind the room it is, in ms; null while that cannot be said. */
  protected behindMs(): number | null {
    const now = this.serverNow();
    if (this.course === null || now === null || this.media.seeking || this.media.readyState === 0) return null;
    return this.expectedMs(this.course, now) - this.media.currentTime * 1000;
  }

  protected expectedMs(course: Course, now: number): number {
    return positionAt(course, now, course.duration_ms);
  }

  protected seek(positionMs: number): void {
    this.media.currentTime = positionMs / 1000;
  }

  protected every(ms: number, then: () => void): void {
    this.ports.later(ms, () => {
      then();
      this.every(ms, then);
    });
  }
}
