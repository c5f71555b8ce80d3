/** What was last written to the element, to tell its echo in the element's events from a person's gesture. */
export class Echo {
  private paused = true;
  private seekMs: number | null = null;

  wrotePaused(paused: boolean): void {
    this.paused = paused;
  }

  wroteSeek(positionMs: number): void {
    this.seekMs = positionMs;
  }

  /** The state at a play or pause event; true when a person brought it about. Judged by the state and not by the event,
   * which may arrive when it is no longer true. */
  isPauseGesture(paused: boolean): boolean {
    const gesture = paused !== this.paused;
    this.paused = paused;
    return gesture;
  }

  /** The place at a seeking event; true when a person went there. */
  isSeekGesture(positionMs: number): boolean {
    const gesture = this.seekMs === null || Math.abs(positionMs - this.seekMs) > SAME_PLACE_MS;
    if (gesture) this.seekMs = positionMs;
    return gesture;
  }

  /** Whether a person did something whose event is still to come. */
  isToCome(paused: boolean, seeking: boolean): boolean {
    return paused !== this.paused || (seeking && this.seekMs === null);
  }

  /** No seek is under way any more. */
  seekDone(): void {
    this.seekMs = null;
  }
}

/** Browsers round what is written to currentTime. */
const SAME_PLACE_MS = 100;
