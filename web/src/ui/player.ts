import { afterwards } from "../net/later";
import { Medium, type Qualities } from "../player/medium";
import { sourceOf } from "../player/sources";
import type { Trouble } from "../player/trouble";
import { Follower, type FollowerPorts, type Gesture } from "../sync/follower";
import { durationMs, hasMetadata, MEDIA_EVENTS } from "../sync/media_element";
import { profileOf } from "../sync/profile";
import type { Readiness } from "../state/presence";
import type { Command, Item, Playback } from "../state/types";

export interface PlayerHooks {
  clock: FollowerPorts["clock"];
  /** A person used the element's own controls, or a key of theirs. Resolves when the command is done, whatever came of it. */
  gesture(command: Command): Promise<boolean>;
  /** The browser wants a click before it plays. */
  blocked(): void;
  duration(itemId: string, durationMs: number): void;
  /** Why the medium does not play; null: it may. */
  trouble(trouble: Trouble | null): void;
  qualities(qualities: Qualities | null): void;
  readiness(readiness: Readiness): void;
}

/** Dragging the slider seeks many times; only where it comes to rest is a command. */
const SCRUB_MS = 250;

/** The video of the current item; gestures on it become commands. */
export class Player {
  readonly follower: Follower;
  private readonly medium: Medium;
  private playback: Playback | null = null;
  private item: Item | null = null;
  private broken = false;
  private scrub: { timer: ReturnType<typeof setTimeout>; release: () => void } | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly hooks: PlayerHooks,
  ) {
    const ports = {
      clock: hooks.clock,
      monotonic: () => performance.now(),
      later: afterwards,
      // In a window of its own it is watched all the same.
      hidden: () => document.visibilityState === "hidden" && document.pictureInPictureElement !== video,
      blocked: () => hooks.blocked(),
    };
    this.follower = new Follower(video, ports, profileOf(navigator.userAgent));
    onScriptedSeek(video, () => this.follower.moved());
    this.medium = new Medium(video, {
      cleared: () => this.follower.renew(),
      trouble: (trouble) => this.troubled(trouble),
      qualities: (qualities) => hooks.qualities(qualities),
    });
    video.addEventListener("durationchange", () => this.known());
    for (const event of MEDIA_EVENTS) video.addEventListener(event, () => this.take(this.follower.heard(event)));
    for (const event of ["waiting", "playing", "canplay", "emptied", "ended"]) {
      video.addEventListener(event, () => this.tell());
    }
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.follower.cameBack());
  }

  /** What the room says now. */
  show(playback: Playback, item: Item | null): void {
    this.playback = playback;
    this.load(item);
    this.follower.follow(playback, this.isLive);
    this.tell();
  }

  /** A medium without an end has no place to go to. */
  get isLive(): boolean {
    return this.video.duration === Infinity;
  }

  /** Loads the same once more. */
  reload(): void {
    this.medium.show(this.item && sourceOf(this.item));
  }

  /** To be called from a click: from then on the browser lets the video play. */
  unlock(): void {
    this.follower.unlock();
  }

  /** The room stops showing. */
  stop(): void {
    this.follower.follow(null);
    this.playback = null;
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
    if (this.item === null || this.broken) return "idle";
    return video.ended || video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA ? "ready" : "buffering";
  }

  private tell(): void {
    this.hooks.readiness(this.readiness());
  }

  private troubled(trouble: Trouble | null): void {
    this.broken = trouble !== null;
    this.hooks.trouble(trouble);
    this.tell();
  }

  private load(item: Item | null): void {
    const changed = item?.item_id !== this.item?.item_id || item?.url !== this.item?.url;
    this.item = item;
    if (!changed) return;
    this.reload();
    this.dropScrub();
  }

  /** How long the medium is, or that it has no end. */
  private known(): void {
    const duration = this.durationMs();
    if (this.item && duration !== null) this.hooks.duration(this.item.item_id, duration);
    if (this.playback !== null) this.follower.follow(this.playback, this.isLive);
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

/** Libraries send the element elsewhere by themselves, and its events do not tell who did. */
function onScriptedSeek(video: HTMLVideoElement, moved: () => void): void {
  const inherited = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "currentTime");
  if (inherited?.get === undefined || inherited.set === undefined) return;
  const { get, set } = inherited;
  Object.defineProperty(video, "currentTime", {
    get: () => get.call(video) as number,
    set: (seconds: number) => {
      set.call(video, seconds);
      if (video.seeking) moved();
    },
  });
}
