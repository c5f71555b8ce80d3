import { afterwards } from "../net/later";
import { directed, indicatorText, millis, signOf, spokenText } from "../player/indicator";
import { Settled } from "../player/settled";
import { sync as texts } from "../strings";
import type { ServerClock } from "../sync/clock";
import type { Follower } from "../sync/follower";
import type { Status, StatusKind } from "../sync/status";
import { besideItsButton } from "./beside";
import { byId } from "./dom";

const TICK_MS = 500;
/** A connection that comes back sooner was hardly missed. */
const APART_MS = 5_000;
/** What comes and goes sooner is not worth interrupting somebody for. */
const SPOKEN_AFTER_MS = 3_000;

/** How well this page follows the room: a few words, the figures behind them, and the ways out. */
export class SyncIndicator {
  private readonly button = byId("sync", HTMLButtonElement);
  private readonly text = byId("sync-text", HTMLElement);
  private readonly details = byId("sync-details", HTMLElement);
  private readonly free = byId("sync-free", HTMLInputElement);
  /** Since when nothing is heard of the room; null while it is. */
  private cutAt: number | null = null;
  private readonly spoken = new Settled<StatusKind>(
    "idle",
    SPOKEN_AFTER_MS,
    (kind) => (byId("sync-said", HTMLElement).textContent = spokenText(kind)),
    afterwards,
  );

  constructor(
    private readonly follower: Follower,
    private readonly clock: ServerClock,
    private readonly video: HTMLVideoElement,
  ) {
    besideItsButton(this.details, this.button);
    this.details.addEventListener("toggle", () => this.show());
    byId("sync-now", HTMLButtonElement).addEventListener("click", () => {
      follower.syncNow();
      this.freed();
    });
    this.free.addEventListener("change", () => {
      follower.setFree(this.free.checked);
      this.freed();
    });
    setInterval(() => this.show(), TICK_MS);
    this.show();
  }

  /** Whether it is heard what the room does. */
  connected(connected: boolean): void {
    this.cutAt = connected ? null : (this.cutAt ?? performance.now());
    this.show();
  }

  /** Who goes their own way gets the browser's controls for it: the room's stay the room's. */
  private freed(): void {
    this.video.controls = this.follower.isFree;
    this.free.checked = this.follower.isFree;
    this.show();
  }

  private show(): void {
    const heard = this.follower.status();
    const apart = this.cutAt !== null && performance.now() - this.cutAt > APART_MS;
    const status: Status = apart && heard.kind !== "free" ? { ...heard, kind: "apart", skewMs: null } : heard;
    write(this.text, indicatorText(status));
    this.button.dataset["sign"] = signOf(status.kind);
    this.spoken.take(status.kind);
    if (this.details.matches(":popover-open")) this.showDetails(status);
  }

  private showDetails({ skewMs, boundMs, bufferedMs }: Status): void {
    const { rttMs } = this.clock;
    const now = this.clock.now();
    const figures = {
      "sync-skew": skewMs === null ? null : directed(skewMs),
      "sync-rtt": rttMs === null ? null : millis(rttMs),
      "sync-bound": boundMs === null ? null : millis(boundMs),
      "sync-offset": now === null ? null : directed(Date.now() - now),
      "sync-buffered": millis(bufferedMs),
    };
    for (const [id, text] of Object.entries(figures)) write(byId(id, HTMLElement), text ?? texts.unknown);
    write(byId("sync-rate", HTMLElement), texts.rate(this.video.playbackRate));
  }
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
