import type { SimMedia } from "./media";
import { EPOCH_MS, type SimRoom } from "./room";
import type { World } from "./world";

const EVERY_MS = 100;
/** A command takes this long to be heard of everywhere, and a player to go there: until then there is no distance to tell. */
const TRANSITION_MS = 2_000;

export interface Figures {
  p50: number;
  p95: number;
  p99: number;
  most: number;
  samples: number;
  /** Of the time that is counted, the part at another rate than the room's, in %. */
  audible: number;
}

/** Measures how far the media are from the truth: ten times a second while the room plays, but for the time right after a
 * command. A room that rests is not counted, because it would only flatter. */
export class Measure {
  private readonly distances: number[] = [];
  private corrected = 0;

  /** From now on, also in this room. */
  watch({ timeline, room, clients }: World): void {
    let quietFromMs = timeline.nowMs;
    room.subscribe(({ anchor_ms }) => {
      quietFromMs = Math.max(timeline.nowMs, anchor_ms - EPOCH_MS) + TRANSITION_MS;
    });
    const sample = (): void => {
      if (timeline.nowMs >= quietFromMs && room.course.playing) {
        for (const { media } of clients) this.count(media, room);
      }
      timeline.later(EVERY_MS, sample);
    };
    sample();
  }

  get figures(): Figures {
    const sorted = Float64Array.from(this.distances).sort();
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    const audible = (this.corrected / sorted.length) * 100;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1), samples: sorted.length, audible };
  }

  private count(media: SimMedia, room: SimRoom): void {
    this.distances.push(Math.abs(media.positionMs - room.truthMs()));
    const base = room.course.rate_permille / 1_000;
    if (Math.abs(media.playbackRate / base - 1) > 1e-6) this.corrected += 1;
  }
}
