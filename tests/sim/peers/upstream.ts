import type { MediaElement } from "../../../web/src/sync/media_element";
import type { Course } from "../../../web/src/sync/motion";
import type { Ports } from "../client";
import { Peer } from "./peer";

const TICK_MS = 500;
const AFTER_COMMAND_MS = 200;
const ALWAYS_MS = 1_200;

/** The rule of the app of upstream SyncTV: one exchange for the clock, and a seek beyond 1.2 s (0.2 s after a command). */
export class Upstream extends Peer {
  constructor(media: MediaElement, ports: Ports) {
    super(media, ports);
    this.every(TICK_MS, () => this.seekBeyond(ALWAYS_MS));
  }

  protected override commanded(course: Course): void {
    this.media.playbackRate = course.rate_permille / 1000;
    if (course.playing) void this.media.play();
    else this.media.pause();
    this.seekBeyond(AFTER_COMMAND_MS);
  }

  protected override measured(): void {}

  private seekBeyond(ms: number): void {
    const behind = this.behindMs();
    const now = this.serverNow();
    if (behind === null || now === null || this.course === null) return;
    if (Math.abs(behind) > ms) this.seek(this.expectedMs(this.course, now));
  }
}
