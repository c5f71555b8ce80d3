/** What the video element does, in ms of media. */
export interface Media {
  positionMs: number;
  /** null until the media is known, and for a stream without end. */
  durationMs: number | null;
  paused: boolean;
  /** Nothing can be said about its position now: it is seeking, loading or stalled. */
  busy: boolean;
}

/** What the room wants of it. */
export interface Want {
  positionMs: number;
  running: boolean;
}

export interface Correction {
  seekToMs: number | null;
  set: "play" | "pause" | null;
}

/** Smaller errors are left alone: each seek is a visible jump. */
const TOLERATED_MS = 300;
const END_MS = 50;

/** The least that brings the media to where the room is. */
export function correct(media: Media, want: Want): Correction {
  const end = media.durationMs ?? Number.MAX_SAFE_INTEGER;
  const target = Math.min(want.positionMs, end);
  const over = media.durationMs !== null && target >= end - END_MS;
  const seekToMs = !media.busy && Math.abs(target - media.positionMs) > TOLERATED_MS ? target : null;
  if (want.running && !over && media.paused) return { seekToMs, set: "play" };
  if (!want.running && !media.paused) return { seekToMs, set: "pause" };
  return { seekToMs, set: null };
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 16_000;

/** Spaces corrective seeks: on a connection too slow to keep up, they would only make it stutter for ever. */
export class SeekPacer {
  private allowedAt = 0;
  private pause = FIRST_PAUSE_MS;

  /** Whether a seek may happen at `nowMs`; a yes counts as one. */
  take(nowMs: number): boolean {
    if (nowMs < this.allowedAt) return false;
    this.allowedAt = nowMs + this.pause;
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
    return true;
  }

  /** The media is where it should be, or the room jumped: the next seek is a first one. */
  reset(): void {
    this.allowedAt = 0;
    this.pause = FIRST_PAUSE_MS;
  }
}
