/** As much of a video element as is needed to make it follow. */
export interface MediaElement {
  /** In s. */
  currentTime: number;
  /** In s; NaN while unknown, Infinity for a stream without end. */
  readonly duration: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly readyState: number;
  playbackRate: number;
  preservesPitch: boolean;
  readonly buffered: Ranges;
  readonly seekable: Ranges;
  readonly error: unknown;
  play(): Promise<void>;
  pause(): void;
}

/** In s. */
export interface Ranges {
  readonly length: number;
  start(index: number): number;
  end(index: number): number;
}

/** What the element tells of itself; whoever holds it hands these on. */
export const MEDIA_EVENTS = ["loadedmetadata", "canplay", "play", "pause", "playing", "waiting", "seeking", "seeked"] as const;
export type MediaEvent = (typeof MEDIA_EVENTS)[number];

const HAVE_METADATA = 1;
const HAVE_FUTURE_DATA = 3;

export function hasMetadata(media: MediaElement): boolean {
  return media.readyState >= HAVE_METADATA;
}

/** It should move, but has nothing to move on with. */
export function isStalled(media: MediaElement): boolean {
  return !media.paused && !media.ended && media.readyState < HAVE_FUTURE_DATA;
}

/** null until it is known, and for a stream without end. */
export function durationMs(media: MediaElement): number | null {
  return Number.isFinite(media.duration) ? Math.round(media.duration * 1000) : null;
}

/** What browsers round, and what a duration is told off by. */
const REACH_MS = 100;

/** Whether it can go there. A site may not serve parts of its files: a player that is sent elsewhere then begins anew. */
export function canReach({ seekable }: MediaElement, positionMs: number): boolean {
  for (let i = 0; i < seekable.length; i += 1) {
    if (seekable.start(i) * 1000 - REACH_MS <= positionMs && positionMs <= seekable.end(i) * 1000 + REACH_MS) return true;
  }
  return false;
}

/** How much can be shown without loading more. */
export function bufferedMs({ buffered, currentTime }: MediaElement): number {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime && currentTime <= buffered.end(i)) return (buffered.end(i) - currentTime) * 1000;
  }
  return 0;
}
