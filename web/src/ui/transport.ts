import { byId, el } from "./dom";
import { clockTime } from "./format";
import { positionAt } from "../sync/motion";
import type { Player } from "./player";
import type { Command, Playback, Room } from "../state/types";

const RATES = [500, 750, 1000, 1250, 1500, 2000];
const TICK_MS = 250;

type Send = (command: Command) => void;

/** The bar under the video: each control is a command to the room. */
export class Transport {
  private readonly play = byId("play", HTMLButtonElement);
  private readonly seek = byId("seek", HTMLInputElement);
  private readonly time = byId("time", HTMLOutputElement);
  private readonly rate = byId("rate", HTMLSelectElement);
  private playback: Playback | null = null;
  private dragging = false;

  constructor(
    private readonly player: Player,
    private readonly now: () => number | null,
    private readonly send: Send,
  ) {
    this.play.addEventListener("click", () => this.toggle());
    byId("previous", HTMLButtonElement).addEventListener("click", () => this.step("playback.previous"));
    byId("next", HTMLButtonElement).addEventListener("click", () => this.step("playback.next"));
    this.seek.addEventListener("input", () => this.preview());
    this.seek.addEventListener("change", () => this.commitSeek());
    this.seek.addEventListener("blur", () => (this.dragging = false));
    this.rate.addEventListener("change", () =>
      this.send({ type: "playback.set_rate", rate_permille: Number(this.rate.value) }),
    );
    setInterval(() => this.tick(), TICK_MS);
  }

  show(room: Room): void {
    if (room.playback !== this.playback) this.showRate(room.playback.rate_permille);
    this.playback = room.playback;
    this.play.textContent = room.playback.playing ? "Pause" : "Play";
    this.tick();
  }

  private expected(): { expected_item?: string } {
    const item = this.playback?.item_id;
    return item ? { expected_item: item } : {};
  }

  /** What the button says is what is sent, so that two people pressing it at once want the same. */
  private toggle(): void {
    if (this.playback === null) return;
    if (!this.playback.playing) return this.send({ type: "playback.play", ...this.expected() });
    const position = this.player.positionMs();
    const seen = position === null ? {} : { position_ms: position };
    this.send({ type: "playback.pause", ...seen, ...this.expected() });
  }

  private step(type: "playback.next" | "playback.previous"): void {
    this.send({ type, ...this.expected() });
  }

  private preview(): void {
    this.dragging = true;
    this.label(Number(this.seek.value), Number(this.seek.max));
  }

  private commitSeek(): void {
    this.dragging = false;
    this.send({ type: "playback.seek", position_ms: Number(this.seek.value), ...this.expected() });
  }

  private showRate(permille: number): void {
    const rates = RATES.includes(permille) ? RATES : [...RATES, permille].sort((a, b) => a - b);
    const options = rates.map((rate) => {
      const option = el("option", "", `${rate / 1000}×`);
      option.value = String(rate);
      return option;
    });
    this.rate.replaceChildren(...options);
    this.rate.value = String(permille);
  }

  private tick(): void {
    const now = this.now();
    const { playback } = this;
    const duration = playback?.duration_ms ?? this.player.durationMs();
    this.seek.disabled = !playback?.item_id || duration === null;
    if (playback === null || now === null || this.dragging) return;
    const position = positionAt(playback, now, duration);
    this.seek.max = String(duration ?? 0);
    this.seek.value = String(position);
    this.label(position, duration ?? 0);
  }

  private label(position: number, duration: number): void {
    const text = duration > 0 ? `${clockTime(position)} / ${clockTime(duration)}` : clockTime(position);
    if (this.time.textContent === text) return;
    this.time.textContent = text;
    this.seek.setAttribute("aria-valuetext", text);
  }
}
