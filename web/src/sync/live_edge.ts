import type { MediaElement } from "./media_element";

const LEAST_MS = 1_000;
const MOST_MS = 10_000;
/** So long a player fills its buffer, and says little about where the edge is. */
const FILLING_MS = 10_000;
/** Segments come in bursts, so that the edge is where it was furthest; should the stream have stopped, that is forgotten. */
const FORGET_PER_MS = 0.005;

/** Where the newest of a stream is, and how far behind it this player began: there it stays. */
export class LiveEdge {
  /** The newest medium time minus the local time. */
  private front = -Infinity;
  private lastMs = 0;
  private place: number | null = null;
  private sinceMs: number | null = null;

  /** How far behind its place the medium is, in ms. Its place is where it is once it has filled its buffer. */
  behindMs(media: MediaElement, nowMs: number): number {
    const { buffered, currentTime } = media;
    if (buffered.length === 0) return 0;
    const seen = buffered.end(buffered.length - 1) * 1000 - nowMs;
    this.front = Math.max(seen, this.front - FORGET_PER_MS * (nowMs - this.lastMs));
    this.lastMs = nowMs;
    const distance = this.front + nowMs - currentTime * 1000;
    this.sinceMs ??= nowMs;
    if (this.place === null && nowMs - this.sinceMs < FILLING_MS) return 0;
    this.place ??= Math.min(Math.max(distance, LEAST_MS), MOST_MS);
    return distance - this.place;
  }
}
