import { inSeconds } from "../live/delay";
import type { LiveStatus } from "../live/recovery";
import { FORMATS, type Format } from "../live/source";
import { player } from "../strings";
import { live as texts } from "../strings/live";
import { el } from "./dom";
import { giveOptions } from "./options";

export interface LiveUses {
  prefer(format: Format): void;
  jump(): void;
  /** To the playlist's video, or back to the stream. */
  change(): void;
}

/** What is shown of a live stream: a layer over the picture, and a bar below it. */
export class LiveView {
  readonly video = el("video");
  readonly start = button("live-start", "primary", player.start);
  readonly unmute = button("live-unmute", "primary", player.tapToUnmute);
  private readonly layer = el("div", "live");
  private readonly veil = el("div", "veil");
  private readonly words = el("p");
  private readonly bar = el("div", "live-bar");
  private readonly by = el("span", "live-by");
  private readonly delay = el("span", "live-delay hint");
  private readonly way = el("select");
  private readonly jump = button("live-jump", "", texts.jump);
  private readonly change = button("live-change", "", texts.toItem);
  private broken = false;

  constructor(screen: HTMLElement, formats: readonly Format[], uses: LiveUses) {
    this.layer.id = "live";
    this.veil.id = "live-veil";
    this.words.role = "status";
    this.video.id = "live-video";
    this.video.playsInline = true;
    this.video.ariaLabel = texts.video;
    this.start.hidden = this.unmute.hidden = this.layer.hidden = true;
    this.veil.append(this.words);
    this.layer.append(this.video, this.veil, this.start, this.unmute);
    screen.append(this.layer);
    screen.after(this.bar);
    this.furnish(formats, uses);
  }

  /** Who publishes. */
  publisher(name: string, isMe: boolean): void {
    this.by.textContent = isMe ? texts.byYou : texts.by(name);
  }

  /** The stream is on the stage, or beside what is. */
  place(shown: boolean): void {
    this.bar.hidden = false;
    this.layer.hidden = !shown;
    for (const part of [this.delay, this.way, this.jump]) part.hidden = !shown;
    this.way.hidden ||= this.way.options.length < 2;
    this.change.textContent = shown ? texts.toItem : texts.toLive;
    this.broken = false;
  }

  /** Nothing of it is left. */
  hide(): void {
    this.bar.hidden = this.layer.hidden = true;
    this.put("off", "");
  }

  status(status: LiveStatus): void {
    this.broken = status.kind === "waiting" || (this.broken && status.kind === "connecting");
    const said = { off: "", playing: "", connecting: texts.connecting, waiting: texts.waiting, unplayable: texts.unplayable };
    this.put(status.kind, said[this.broken ? "waiting" : status.kind]);
    const format = "format" in status ? status.format : null;
    if (format === null) return;
    this.layer.dataset["liveFormat"] = format;
    this.way.value = format;
  }

  /** What the end of it is told with; the bar has nothing to offer any more. */
  ended(words: string): void {
    for (const part of [this.way, this.jump]) part.hidden = true;
    this.put("ended", words);
  }

  behind(ms: number | null): void {
    if (ms === null) delete this.layer.dataset["liveDelay"];
    else this.layer.dataset["liveDelay"] = String(ms);
    const words = ms === null ? "" : texts.behind(inSeconds(ms));
    if (this.delay.textContent !== words) this.delay.textContent = words;
  }

  private put(state: string, words: string): void {
    this.layer.dataset["liveState"] = state;
    this.veil.hidden = words === "";
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  private furnish(formats: readonly Format[], uses: LiveUses): void {
    const badge = el("strong", "live-badge", texts.badge);
    this.bar.id = "live-bar";
    this.bar.role = "group";
    this.bar.ariaLabel = texts.bar;
    this.by.id = "live-by";
    this.by.dir = "auto";
    this.delay.id = "live-delay";
    this.way.id = "live-way";
    this.way.ariaLabel = texts.way;
    giveOptions(this.way, FORMATS.filter((format) => formats.includes(format)).map((value) => ({ value, text: texts.ways[value] })));
    this.way.addEventListener("change", () => uses.prefer(this.way.value as Format));
    this.jump.addEventListener("click", () => uses.jump());
    this.change.addEventListener("click", () => uses.change());
    this.bar.append(badge, this.by, this.delay, this.way, this.jump, this.change);
  }
}

function button(id: string, className: string, text: string): HTMLButtonElement {
  const made = el("button", className, text);
  made.id = id;
  made.type = "button";
  return made;
}
