import type { OwnState, OwnStore } from "../player/own_store";
import type { Qualities } from "../player/medium";
import { choices } from "../player/quality";
import { player as texts } from "../strings";
import { byId } from "./dom";
import { label, showIcon } from "./labels";
import { giveOptions } from "./options";

/** Controls of what this person alone sees and hears. */
export class OwnControls {
  private readonly mute = byId("mute", HTMLButtonElement);
  private readonly volume = byId("volume", HTMLInputElement);
  private readonly captions = byId("captions", HTMLSelectElement);
  private readonly quality = byId("quality", HTMLSelectElement);
  private readonly pip = byId("pip", HTMLButtonElement);
  private readonly fullscreen = byId("fullscreen", HTMLButtonElement);
  private readonly theatre = byId("theatre", HTMLButtonElement);
  private store: OwnStore | null = null;
  private state: OwnState = {};
  private qualities: Qualities | null = null;

  constructor(
    private video: HTMLVideoElement,
    private readonly stage: HTMLElement,
  ) {
    this.mute.addEventListener("click", () => this.toggleMute());
    this.volume.addEventListener("input", () => this.ask("mediavolumerequest", Number(this.volume.value)));
    this.captions.addEventListener("change", () => this.showCaptions(Number(this.captions.value)));
    this.quality.addEventListener("change", () => {
      this.qualities?.choose(this.quality.value === "" ? null : Number(this.quality.value));
    });
    this.pip.addEventListener("click", () => this.ask(this.state.mediaIsPip ? "mediaexitpiprequest" : "mediaenterpiprequest"));
    this.fullscreen.addEventListener("click", () => this.toggleFullscreen());
    this.theatre.addEventListener("click", () => this.setTheatre(!this.isTheatre));
    this.setTheatre(false);
    void this.load();
  }

  /** From now on they are those of this video. */
  attend(video: HTMLVideoElement): void {
    if (this.store === null) video.controls = true;
    this.video = video;
    this.ask("mediaelementchangerequest", video);
  }

  toggleMute(): void {
    this.ask(this.video.muted ? "mediaunmuterequest" : "mediamuterequest");
  }

  toggleCaptions(): void {
    this.ask("mediatogglesubtitlesrequest");
  }

  toggleFullscreen(): void {
    this.ask(this.state.mediaIsFullscreen ? "mediaexitfullscreenrequest" : "mediaenterfullscreenrequest");
  }

  /** Back to the usual page. */
  leave(): void {
    if (this.state.mediaIsFullscreen) this.toggleFullscreen();
    else this.setTheatre(false);
  }

  offer(qualities: Qualities | null): void {
    this.qualities = qualities;
    const offered = qualities === null ? [] : choices(qualities.levels);
    this.quality.hidden = offered.length < 2;
    giveOptions(this.quality, [
      { value: "", text: texts.qualityAuto },
      ...offered.map(({ level, label: text }) => ({ value: String(level), text })),
    ]);
  }

  /** Until the controls are there, and if they do not come, the browser's own are. */
  private async load(): Promise<void> {
    const first = this.video;
    const { ownStore } = await import("../player/own_store");
    this.store = ownStore(this.video, this.stage);
    this.store.subscribe((state) => this.show(state));
    for (const video of [first, this.video]) video.controls = false;
    byId("own", HTMLElement).hidden = false;
  }

  private ask(type: string, detail?: unknown): void {
    this.store?.dispatch({ type, detail } as Parameters<OwnStore["dispatch"]>[0]);
  }

  private show(state: OwnState): void {
    this.state = state;
    const muted = state.mediaMuted === true || state.mediaVolume === 0;
    showIcon(this.mute, !muted);
    label(this.mute, muted ? texts.unmute : texts.mute);
    this.volume.hidden = state.mediaVolumeUnavailable !== undefined;
    this.volume.value = String(muted ? 0 : (state.mediaVolume ?? 1));
    this.pip.hidden = state.mediaPipUnavailable !== undefined;
    label(this.pip, state.mediaIsPip ? texts.leavePip : texts.enterPip);
    this.fullscreen.hidden = state.mediaFullscreenUnavailable !== undefined;
    showIcon(this.fullscreen, state.mediaIsFullscreen === true);
    label(this.fullscreen, state.mediaIsFullscreen ? texts.leaveFullscreen : texts.enterFullscreen);
    this.showTracks(state);
  }

  private showTracks({ mediaSubtitlesList: tracks = [], mediaSubtitlesShowing: [showing] = [] }: OwnState): void {
    this.captions.hidden = tracks.length === 0;
    giveOptions(this.captions, [
      { value: "-1", text: texts.captionsOff },
      ...tracks.map(({ label: name, language }, at) => ({ value: String(at), text: texts.captionsOn(name || language) })),
    ]);
    const at = tracks.findIndex((track) => track.label === showing?.label && track.language === showing?.language);
    this.captions.value = String(showing === undefined ? -1 : at);
  }

  /** At an index of the list of tracks; -1 for none. */
  private showCaptions(at: number): void {
    const { mediaSubtitlesList: tracks = [], mediaSubtitlesShowing: showing = [] } = this.state;
    const chosen = tracks[at];
    this.ask("mediadisablesubtitlesrequest", showing);
    if (chosen !== undefined) this.ask("mediashowsubtitlesrequest", [chosen]);
  }

  private get isTheatre(): boolean {
    return this.stage.dataset["theatre"] !== undefined;
  }

  private setTheatre(on: boolean): void {
    if (on) this.stage.dataset["theatre"] = "";
    else delete this.stage.dataset["theatre"];
    showIcon(this.theatre, on);
    label(this.theatre, on ? texts.leaveTheatre : texts.enterTheatre);
  }
}
