import { endingOf } from "../live/ending";
import { isThere, LiveMedium, plays } from "../live/medium";
import { Recovery } from "../live/recovery";
import { FORMATS, liveSources, type Playback } from "../live/source";
import type { Later } from "../net/later";
import type { State } from "../state/reducer";
import type { Live } from "../state/types";
import { chat } from "../strings";
import type { Autoplay } from "./autoplay";
import { LiveView } from "./live_view";

export interface LiveStageUses {
  me: string;
  stage: HTMLElement;
  screen: HTMLElement;
  /** The video of the playlist's item, which the stream lies over. */
  under: HTMLVideoElement;
  /** What to do when the browser does not let that play. */
  autoplay: Pick<Autoplay, "isSilenced">;
  /** The same for another video, with buttons of its own. */
  autoplayOf(...of: ConstructorParameters<typeof Autoplay>): Pick<Autoplay, "refused">;
  later: Later;
  /** One's own controls are those of this video now. */
  attend(video: HTMLVideoElement): void;
  /** Where what the room shows can be had. */
  playback(): Promise<Playback>;
}

/** How long it is told why a stream ended, before the playlist is back. */
const TOLD_MS = 6_000;

/** The live stream of the room on the stage. The playlist's video goes on below it, unheard, where the room is. */
export class LiveStage {
  private readonly view: LiveView;
  private readonly medium: LiveMedium;
  private readonly recovery: Recovery;
  private live: Live | null = null;
  private shown = false;
  /** This person would rather see the playlist. */
  private aside = false;
  private leaving: (() => void) | null = null;

  constructor(private readonly uses: LiveStageUses) {
    const formats = FORMATS.filter(plays);
    this.view = new LiveView(uses.screen, formats, {
      prefer: (format) => this.recovery.prefer(format),
      jump: () => this.medium.toLive(),
      change: () => this.change(),
    });
    const { video, start, unmute } = this.view;
    const autoplay = uses.autoplayOf(video, () => this.medium.start(), start, unmute);
    this.medium = new LiveMedium(video, {
      blocked: () => autoplay.refused(),
      delay: (ms) => this.view.behind(ms),
      // In a window of its own it is watched all the same.
      hidden: () => document.visibilityState === "hidden" && document.pictureInPictureElement !== video,
    });
    this.recovery = new Recovery({
      ask: async () => liveSources(await uses.playback()).filter(({ format }) => formats.includes(format)),
      play: (source, told) => this.medium.play(source, told),
      isThere,
      changed: (status) => this.view.status(status),
      later: uses.later,
      random: Math.random,
    });
    window.addEventListener("online", () => this.recovery.nudge());
  }

  show(state: State): void {
    const { live } = state.room;
    if (live !== null) this.goes(live, state.names[live.by] ?? chat.someone);
    else if (this.live !== null) this.ends(state, this.live);
    this.live = live;
  }

  /** The room is heard of again: so may be the stream. */
  nudge(): void {
    this.recovery.nudge();
  }

  /** The room is no longer shown. */
  stop(): void {
    this.live = null;
    this.leave();
  }

  private goes(live: Live, name: string): void {
    this.leaving?.();
    this.leaving = null;
    this.view.publisher(name, live.by === this.uses.me);
    if (this.live === null) this.place(!this.aside);
    if (this.shown) this.recovery.go(live.seq);
  }

  private ends(state: State, live: Live): void {
    const { words, passing } = endingOf(state, live.seq);
    this.recovery.off();
    this.aside &&= passing;
    if (!this.shown) return this.leave();
    this.view.ended(words);
    this.leaving = this.uses.later(TOLD_MS, () => this.leave());
  }

  private change(): void {
    // While its end is told, there is nothing to come back to.
    if (this.live === null) return this.leave();
    this.aside = this.shown;
    this.place(!this.aside);
    if (this.shown) this.recovery.go(this.live.seq);
    else this.recovery.off();
  }

  private leave(): void {
    this.leaving?.();
    this.leaving = null;
    this.recovery.off();
    this.lift();
    this.view.hide();
    delete this.uses.stage.dataset["live"];
  }

  private place(shown: boolean): void {
    if (shown) this.cover();
    else this.lift();
    this.view.place(shown);
    this.uses.stage.dataset["live"] = shown ? "shown" : "aside";
  }

  /** The stream is seen and heard, as loud as what it covers was. */
  private cover(): void {
    if (this.shown) return;
    this.shown = true;
    const { under, autoplay } = this.uses;
    const { video } = this.view;
    video.volume = under.volume;
    video.muted = under.muted && !autoplay.isSilenced;
    under.muted = under.inert = true;
    this.uses.attend(video);
  }

  private lift(): void {
    if (!this.shown) return;
    this.shown = false;
    const { under } = this.uses;
    const { video } = this.view;
    under.volume = video.volume;
    under.muted = video.muted;
    under.inert = false;
    this.uses.attend(under);
  }
}
