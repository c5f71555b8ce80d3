import { Echo } from "./echo";
import type { MediaElement } from "./media_element";

/** Everything that is written to the element passes through here, so that its echo is known for one. */
export class Hand {
  private readonly echo = new Echo();
  private seeks = false;

  constructor(
    private readonly media: MediaElement,
    /** The browser wants a click before it plays. */
    private readonly blocked: () => void,
  ) {}

  seek(positionMs: number): void {
    this.seeks = true;
    this.media.currentTime = positionMs / 1000;
    this.seeks = false;
    this.wroteSeek();
  }

  /** A script sent the element elsewhere; true when it was another one. */
  moved(): boolean {
    if (!this.seeks) this.wroteSeek();
    return !this.seeks;
  }

  /** Where it really goes is for the element to say. */
  private wroteSeek(): void {
    this.echo.wroteSeek(this.media.currentTime * 1000);
  }

  play(): void {
    this.echo.wrotePaused(false);
    this.media.play().catch((error: unknown) => {
      this.echo.wrotePaused(this.media.paused);
      if (error instanceof Error && error.name === "NotAllowedError") this.blocked();
    });
  }

  pause(): void {
    this.echo.wrotePaused(true);
    this.media.pause();
  }

  setRate(rate: number): void {
    if (this.media.playbackRate === rate) return;
    try {
      this.media.preservesPitch = true;
      this.media.playbackRate = rate;
    } catch {
      // A browser may not support an extreme rate; the seeks keep the medium in step.
    }
  }

  /** The element begins anew. */
  renewed(): void {
    this.echo.wrotePaused(this.media.paused);
    this.echo.seekDone();
  }

  /** At a play or pause event: whether a person did it. */
  isForeignPause(): boolean {
    return this.echo.isPauseGesture(this.media.paused);
  }

  /** At a seeking event: whether a person did it. */
  isForeignSeek(): boolean {
    return this.echo.isSeekGesture(this.media.currentTime * 1000);
  }

  /** A person was quicker than the event that tells of it. */
  isForestalled(): boolean {
    return this.echo.isToCome(this.media.paused, this.media.seeking);
  }

  /** At a seeked event, which may be of a seek before the last one written. */
  sought(): void {
    if (!this.media.seeking) this.echo.seekDone();
  }
}
