import { isOn, type Steering } from "../player/steering";
import type { Permission } from "../state/permissions";
import type { Mode, Playback, Room } from "../state/types";
import { player as texts } from "../strings";
import { Barred } from "./barred";
import { byId } from "./dom";
import { clockTime } from "./format";
import { label, showIcon } from "./labels";
import { giveOptions } from "./options";

const RATES = [500, 750, 1000, 1250, 1500, 2000];
const MODES: readonly Mode[] = ["sequential", "repeat_all", "repeat_one", "shuffle"];
const TICK_MS = 250;
const KEY_STEP_MS = 5_000;

interface Guarded {
  permission: Permission;
  control: Barred;
  /** It needs something to play. */
  plays: boolean;
}

/** The room's controls: each is a command to everybody, and shows what the room answers. */
export class Transport {
  private readonly play = byId("play", HTMLButtonElement);
  private readonly seek = byId("seek", HTMLInputElement);
  private readonly time = byId("time", HTMLOutputElement);
  private readonly rate = byId("rate", HTMLSelectElement);
  private readonly mode = byId("mode", HTMLSelectElement);
  private readonly barred: readonly Guarded[];
  private playback: Playback | null = null;
  private dragging = false;

  constructor(
    private readonly steering: Steering,
    private readonly isLive: () => boolean,
  ) {
    this.barred = [
      this.button("play", "playback.control", () => steering.playOrPause()),
      this.button("previous", "playback.navigate", () => steering.step("previous")),
      this.button("next", "playback.navigate", () => steering.step("next")),
      this.button("ready-start", "playback.control", () => steering.startReadyCheck()),
      this.chosen(this.rate, "playback.rate", () => steering.setRate(Number(this.rate.value))),
      this.chosen(this.mode, "playback.navigate", () => steering.setMode(this.mode.value as Mode)),
      { permission: "playback.control", control: this.slider(), plays: false },
    ];
    giveOptions(this.mode, MODES.map((mode) => ({ value: mode, text: texts.modes[mode] })));
    setInterval(() => this.tick(), TICK_MS);
  }

  show(room: Room): void {
    if (room.playback !== this.playback) this.showChoices(room.playback);
    this.playback = room.playback;
    const nothing = room.playlist.length === 0 ? texts.emptyPlaylist : null;
    showIcon(this.play, isOn(room.playback));
    label(this.play, isOn(room.playback) ? texts.pause : texts.play);
    for (const { permission, control, plays } of this.barred) {
      const refusal = this.steering.refusal(permission);
      if (refusal === null) control.set(plays ? nothing : null);
      else control.set(refusal, permission);
    }
    this.tick();
  }

  private button(id: string, permission: Permission, act: () => void): Guarded {
    const button = byId(id, HTMLButtonElement);
    const control = new Barred(button);
    button.addEventListener("click", () => control.blocks() || act());
    return { permission, control, plays: true };
  }

  /** What was chosen stays only if the room follows. */
  private chosen(select: HTMLSelectElement, permission: Permission, choose: () => Promise<boolean>): Guarded {
    const control = new Barred(select);
    const back = () => this.playback !== null && this.showChoices(this.playback);
    select.addEventListener("change", () => {
      if (control.blocks()) back();
      else void choose().then((done) => done || back());
    });
    return { permission, control, plays: false };
  }

  private slider(): Barred {
    const { seek } = this;
    const control = new Barred(seek);
    seek.addEventListener("input", () => this.preview());
    seek.addEventListener("change", () => {
      this.dragging = false;
      if (!control.blocks()) this.steering.seekSoon(Number(seek.value));
      this.tick();
    });
    seek.addEventListener("blur", () => (this.dragging = false));
    seek.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -KEY_STEP_MS, ArrowRight: KEY_STEP_MS }[event.key];
      if (step === undefined || event.defaultPrevented) return;
      event.preventDefault();
      this.steering.seekBy(step);
      this.tick();
    });
    return control;
  }

  private preview(): void {
    this.dragging = true;
    this.write(Number(this.seek.value), Number(this.seek.max));
  }

  private showChoices({ rate_permille, mode }: Playback): void {
    const rates = RATES.includes(rate_permille) ? RATES : [...RATES, rate_permille].sort((a, b) => a - b);
    giveOptions(this.rate, rates.map((rate) => ({ value: String(rate), text: texts.rate(rate / 1000) })));
    this.rate.value = String(rate_permille);
    this.mode.value = mode;
  }

  private tick(): void {
    const duration = this.steering.durationMs();
    const position = this.steering.aim ?? this.steering.positionMs();
    this.seek.disabled = this.playback === null || this.playback.item_id === null || duration === null;
    if (position === null || this.dragging) return;
    this.seek.max = String(duration ?? 0);
    this.seek.value = String(position);
    
    this.write(position, duration);
  }

  private write(position: number, duration: number | null): void {
    const of = duration ? clockTime(duration) : null;
    const at = this.isLive() ? texts.live : clockTime(position);
    const shown = of === null ? at : `${at} / ${of}`;
    if (this.time.textContent === shown) return;
    this.time.textContent = shown;
    this.seek.setAttribute("aria-valuetext", texts.position(at, of));
  }
}
