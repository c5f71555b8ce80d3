import { afterwards } from "../net/later";
import { Follower, type FollowerPorts, type Gesture } from "../sync/follower";
import { durationMs, hasMetadata, MEDIA_EVENTS } from "../sync/media_element";
import type { Readiness } from "../state/presence";
import type { Command, Item, Playback } from "../state/types";

export interface PlayerHooks {
  clock: FollowerPorts["clock"];
  /** A person used the player's own controls. Resolves when the command is done, whatever came of it. */
  gesture(command: Command): Promise<void>;
  /** The browser wants a click before it plays. */
  blocked(): void;
  duration(itemId: string, durationMs: number): void;
  broken(): void;
  readiness(readiness: Readiness): void;
}

/** Dragging the slider seeks many times; only where it comes to rest is a command. */
const SCRUB_MS = 250;

/** The video of the current item; gestures on it become commands. */
export class Player {
  readonly follower: Follower;
  private item: Item | null = null;
  private scrub: { timer: ReturnType<typeof setTimeout>; release: () => void } | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly hooks: PlayerHooks,
  ) {
    this.follower = new Follower(video, {
      clock: hooks.clock,
      monotonic: () => performance.now(),
      later: afterwards,
      hidden: () => document.visibilityState === "hidden",
      blocked: () => hooks.blocked(),
    });
    video.addEventListener("loadedmetadata", () => this.tellDuration());
    for (const event of MEDIA_EVENTS) video.addEventListener(event, () => this.take(this.follower.heard(event)));
    video.addEventListener("error", () => this.item && hooks.broken());
    for (const event of ["waiting", "playing", "canplay", "emptied", "ended", "error"]) {
      video.addEventListener(event, () => hooks.readiness(this.readiness()));
    }
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.follower.cameBack());
  }

  /** What the room says now. */
  show(playback: Playback, item: Item | null): void {
    this.load(item);
    this.follower.follow(playback);
  }

  /** To be called from a click: from then on the browser lets the video play. */
  unlock(): void {
    this.follower.unlock();
    this.hooks.readiness(this.readiness());
  }

  /** The room stops showing. */
  stop(): void {
    this.follower.lock();
    this.follower.follow(null);
    this.load(null);
  }

  /** Where this video is, in ms; null while it has nothing loaded. */
  positionMs(): number | null {
    return hasMetadata(this.video) ? Math.round(this.video.currentTime * 1000) : null;
  }

  durationMs(): number | null {
    return durationMs(this.video);
  }

  private readiness(): Readiness {
    const { video } = this;
    if (this.item === null || !this.follower.isUnlocked || video.error) return "idle";
    return video.ended || video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA ? "ready" : "buffering";
  }

  private load(item: Item | null): void {
    const changed = item?.item_id !== this.item?.item_id || item?.url !== this.item?.url;
    this.item = item;
    if (!changed) return;
    if (item === null) this.video.removeAttribute("src");
    else this.video.src = item.url;
    this.video.load();
    this.follower.renew();
    this.dropScrub();
  }

  private tellDuration(): void {
    const known = this.durationMs();
    if (this.item && known !== null) this.hooks.duration(this.item.item_id, known);
  }

  private take(gesture: Gesture | null): void {
    if (gesture === null || this.item === null) return;
    const expected_item = this.item.item_id;
    if (gesture.type === "play") this.send({ type: "playback.play", expected_item });
    else if (gesture.type === "seek") this.scrubbed(expected_item);
    else this.send({ type: "playback.pause", position_ms: gesture.positionMs, expected_item });
  }

  private scrubbed(expected_item: string): void {
    const release = this.scrub?.release ?? this.follower.letGo();
    clearTimeout(this.scrub?.timer);
    const timer = setTimeout(() => {
      this.scrub = null;
      this.send({ type: "playback.seek", position_ms: this.positionMs(), expected_item }, release);
    }, SCRUB_MS);
    this.scrub = { timer, release };
  }

  private dropScrub(): void {
    clearTimeout(this.scrub?.timer);
    this.scrub?.release();
    this.scrub = null;
  }

  /** Leaves the video alone until the room has answered; a refusal then puts it back. */
  private send(command: Command, release = this.follower.letGo()): void {
    void this.hooks.gesture(command).finally(release);
  }
}
