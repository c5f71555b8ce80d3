import { byId } from "./dom";

/** What to do when the browser does not let the video play: without sound first, and after a click if it must be. */
export class Autoplay {
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly tryAgain: () => void,
    private readonly start = byId("start", HTMLButtonElement),
    private readonly unmute = byId("unmute", HTMLButtonElement),
  ) {
    this.start.addEventListener("click", () => {
      this.start.hidden = true;
      this.hear();
      this.tryAgain();
    });
    this.unmute.addEventListener("click", () => this.hear());
    video.addEventListener("volumechange", () => (this.unmute.hidden ||= !video.muted));
  }

  /** Whether it is without sound only because the browser wants a click before that. */
  get isSilenced(): boolean {
    return !this.unmute.hidden;
  }

  refused(): void {
    const silent = this.video.muted;
    this.unmute.hidden = silent;
    this.start.hidden = !silent;
    if (silent) return;
    this.video.muted = true;
    this.tryAgain();
  }

  private hear(): void {
    this.video.muted = false;
    this.unmute.hidden = true;
  }
}
