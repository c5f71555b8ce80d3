import { correct, SeekPacer, type Media } from "../sync/control";
import { Echo } from "../sync/echo";
import { isRunning, positionAt } from "../sync/motion";
import type { Readiness } from "../state/presence";
import type { Command, Item, Playback } from "../state/types";

export interface PlayerHooks {
  /** The server's time in ms; null while unknown. */
  now(): number | null;
  /** A person used the player's own controls. Resolves when the command is done, whatever came of it. */
  gesture(command: Command): Promise<void>;
  /** The browser wants a click before it plays. */
  blocked(): void;
  duration(itemId: string, durationMs: number): void;
  broken(): void;
  readiness(readiness: Readiness): void;
}

const TICK_MS = 250;
/** Dragging the slider seeks many times; only where it comes to rest is a command. */
const SCRUB_MS = 250;

/** Keeps the video element where the room is, and turns gestures on it into commands. */
export class Player {
  private playback: Playback | null = null;
  private item: Item | null = null;
  private readonly echo = new Echo();
  private readonly pacer = new SeekPacer();
  private unlocked = false;
  private gestures = 0;
  private scrub: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly hooks: PlayerHooks,
  ) {
    video.addEventListener("play", () => this.onPlayState());
    video.addEventListener("pause", () => this.onPlayState());
    video.addEventListener("seeking", () => this.onSeeking());
    video.addEventListener("seeked", () => this.echo.seekDone());
    video.addEventListener("loadedmetadata", () => this.onMetadata());
    video.addEventListener("canplay", () => this.control());
    video.addEventListener("error", () => this.item && this.hooks.broken());
    for (const event of ["waiting", "playing", "canplay", "emptied", "ended", "error"]) {
      video.addEventListener(event, () => this.hooks.readiness(this.readiness()));
    }
    document.addEventListener("visibilitychange", () => this.control());
    // Browsers slow a hidden page down anyway; it is corrected when it comes back.
    setInterval(() => document.visibilityState === "visible" && this.control(), TICK_MS);
  }

  /** What the room says now. */
  show(playback: Playback, item: Item | null): void {
    const moved = playback !== this.playback;
    this.playback = playback;
    this.load(item);
    if (moved) this.pacer.reset();
    this.control();
  }

  /** To be called from a click: from then on the browser lets the video play. */
  unlock(): void {
    this.unlocked = true;
    this.hooks.readiness(this.readiness());
    this.control();
  }

  /** The room stops showing. */
  stop(): void {
    this.unlocked = false;
    this.playback = null;
    this.load(null);
  }

  /** Where this video is, in ms; null while it has nothing loaded. */
  positionMs(): number | null {
    return this.video.readyState >= HTMLMediaElement.HAVE_METADATA ? Math.round(this.video.currentTime * 1000) : null;
  }

  durationMs(): number | null {
    return Number.isFinite(this.video.duration) ? Math.round(this.video.duration * 1000) : null;
  }

  /** How far it is from where the room is, and how much it has ahead, in ms; null while it shows nothing. */
  follows(): { skewMs: number; bufferedMs: number } | null {
    const now = this.hooks.now();
    const { playback, video } = this;
    const shows = this.unlocked && this.item !== null && video.readyState >= HTMLMediaElement.HAVE_METADATA;
    if (playback === null || now === null || !shows) return null;
    const skewMs = video.currentTime * 1000 - positionAt(playback, now, playback.duration_ms);
    return { skewMs, bufferedMs: this.aheadMs() };
  }

  private aheadMs(): number {
    const { buffered, currentTime } = this.video;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= currentTime && currentTime <= buffered.end(i)) return (buffered.end(i) - currentTime) * 1000;
    }
    return 0;
  }

  private readiness(): Readiness {
    const { video } = this;
    if (this.item === null || !this.unlocked || video.error) return "idle";
    return video.ended || video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA ? "ready" : "buffering";
  }

  private load(item: Item | null): void {
    const changed = item?.item_id !== this.item?.item_id || item?.url !== this.item?.url;
    this.item = item;
    if (!changed) return;
    clearTimeout(this.scrub);
    this.scrub = undefined;
    if (item === null) this.video.removeAttribute("src");
    else this.video.src = item.url;
    this.video.load();
    this.echo.wrotePaused(this.video.paused);
    this.echo.seekDone();
    this.pacer.reset();
  }

  private control(): void {
    const now = this.hooks.now();
    const { playback, video } = this;
    if (playback === null || this.item === null || now === null) return;
    if (!this.unlocked || this.gestures > 0 || this.scrub !== undefined || video.error) return;
    if (video.readyState < HTMLMediaElement.HAVE_METADATA) return;
    const media = this.media();
    const want = {
      positionMs: positionAt(playback, now, playback.duration_ms),
      running: isRunning(playback, now),
    };
    const { seekToMs, set } = correct(media, want);
    if (seekToMs === null) {
      if (!media.busy) this.pacer.reset();
    } else if (this.pacer.take(performance.now())) this.seek(seekToMs);
    if (set === "play") this.play();
    else if (set === "pause") this.pause();
    const rate = playback.rate_permille / 1000;
    if (video.playbackRate !== rate) this.setRate(rate);
  }

  private media(): Media {
    const { video } = this;
    const stalled = !video.paused && !video.ended && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    return {
      positionMs: video.currentTime * 1000,
      durationMs: this.durationMs(),
      paused: video.paused,
      busy: video.seeking || stalled,
    };
  }

  private seek(positionMs: number): void {
    this.echo.wroteSeek(positionMs);
    this.video.currentTime = positionMs / 1000;
  }

  private play(): void {
    this.echo.wrotePaused(false);
    this.video.play().catch((error: unknown) => {
      this.echo.wrotePaused(this.video.paused);
      if (!(error instanceof DOMException && error.name === "NotAllowedError")) return;
      this.unlocked = false;
      this.hooks.blocked();
    });
  }

  private pause(): void {
    this.echo.wrotePaused(true);
    this.video.pause();
  }

  private setRate(rate: number): void {
    try {
      this.video.playbackRate = rate;
    } catch {
      // A browser may not support an extreme rate; the seeks keep the video in step.
    }
  }

  private onPlayState(): void {
    const { video, playback, item } = this;
    if (!this.echo.isPauseGesture(video.paused)) return;
    if (playback === null || item === null) return;
    // Neither the end of the media nor a phone put away is somebody's wish to stop the room.
    if (video.paused && (video.ended || document.visibilityState === "hidden")) return;
    if (!video.paused) this.unlocked = true;
    if (playback.playing !== video.paused) return;
    const expected_item = item.item_id;
    if (!video.paused) return this.send({ type: "playback.play", expected_item });
    const position_ms = Math.round(video.currentTime * 1000);
    this.send({ type: "playback.pause", position_ms, expected_item });
  }

  private onSeeking(): void {
    if (this.item === null || !this.echo.isSeekGesture(this.video.currentTime * 1000)) return;
    this.echo.seekDone();
    clearTimeout(this.scrub);
    this.scrub = setTimeout(() => {
      this.scrub = undefined;
      if (this.item === null) return;
      const position_ms = Math.round(this.video.currentTime * 1000);
      this.send({ type: "playback.seek", position_ms, expected_item: this.item.item_id });
    }, SCRUB_MS);
  }

  private onMetadata(): void {
    const durationMs = this.durationMs();
    if (this.item && durationMs !== null) this.hooks.duration(this.item.item_id, durationMs);
    this.control();
  }

  /** Leaves the video alone until the room has answered; a refusal then puts it back. */
  private send(command: Command): void {
    this.gestures += 1;
    void this.hooks.gesture(command).finally(() => {
      this.gestures -= 1;
      this.pacer.reset();
      this.control();
    });
  }
}
