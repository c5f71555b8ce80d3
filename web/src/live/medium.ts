import type { AttachedLive, AttachLive } from "./attached";
import type { LiveTold } from "./recovery";
import type { Format, LiveSource } from "./source";

/** How often it is looked where the stream is. */
const TICK_MS = 250;
const FAR_S = 2;
/** A page in the background may be held up by the browser for so long; what stands still for longer is broken there as well. */
const HIDDEN_MS = 30_000;

export interface MediumPorts {
  /** The browser wants a click before it plays. */
  blocked(): void;
  /** Where the stream is, looked at all the while it is there; null while unknown. */
  delay(ms: number | null): void;
  hidden(): boolean;
}

/** The live stream in its video element. */
export class LiveMedium {
  private attached: AttachedLive | null = null;
  private lastS = -1;
  private movedMs = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly ports: MediumPorts,
  ) {}

  /** Plays it, until the answer is called. */
  play({ format, url }: LiveSource, told: LiveTold): () => void {
    let over = false;
    const playing = () => told.playing();
    const shown = () => !this.ports.hidden() && this.cameBack();
    const ticks = setInterval(() => this.tick(told), TICK_MS);
    this.lastS = -1;
    this.movedMs = performance.now();
    this.video.addEventListener("playing", playing);
    document.addEventListener("visibilitychange", shown);
    const failed: LiveTold["failed"] = (failure) => over || told.failed(failure);
    void this.attach(format, url, failed, () => over);
    return () => {
      over = true;
      clearInterval(ticks);
      this.video.removeEventListener("playing", playing);
      document.removeEventListener("visibilitychange", shown);
      this.attached?.detach();
      this.attached = null;
      this.ports.delay(null);
    };
  }

  /** Lets it play; to be called again after a click that it took. */
  start(): void {
    if (this.attached === null || !this.video.paused) return;
    this.video.play().catch((error: unknown) => {
      const refused = error instanceof DOMException && error.name === "NotAllowedError";
      // In the background it is no wonder, and is tried again.
      if (refused && !this.ports.hidden()) this.ports.blocked();
    });
  }

  toLive(): void {
    this.ahead(0);
    this.start();
  }

  /** The page is shown again: what was stopped meanwhile is behind. */
  private cameBack(): void {
    this.ahead(FAR_S);
    this.start();
  }

  private ahead(beyondS: number): void {
    const edge = this.attached?.edge() ?? null;
    if (edge !== null && edge > this.video.currentTime + beyondS) this.video.currentTime = edge;
  }

  /** That a browser is not let play, or shows another page, is no sign of the stream. */
  private tick(told: LiveTold): void {
    const { currentTime, paused, readyState } = this.video;
    if (paused && readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) told.playing();
    const nowMs = performance.now();
    if (currentTime !== this.lastS || paused) this.movedMs = nowMs;
    const hiddenFor = this.ports.hidden() ? HIDDEN_MS : 0;
    if (nowMs - this.movedMs <= hiddenFor) told.moved();
    this.lastS = currentTime;
    this.ports.delay(this.attached?.delayMs() ?? null);
  }

  private async attach(format: Format, url: string, failed: LiveTold["failed"], over: () => boolean): Promise<void> {
    try {
      const attach = await wayTo(format);
      if (over()) return;
      this.attached = attach(this.video, url, { failed });
      this.start();
    } catch {
      failed("broken");
    }
  }
}

const PATIENCE_MS = 5_000;

/** Whether a source can be had; nothing of it is taken. */
export async function isThere({ url }: LiveSource): Promise<boolean> {
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), PATIENCE_MS);
  try {
    return (await fetch(url, { cache: "no-store", signal: enough.signal })).ok;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    enough.abort();
  }
}

/** Whether it can be played here at all. */
export function plays(format: Format): boolean {
  return format === "hls" || hasMediaSource();
}

function hasMediaSource(): boolean {
  return "MediaSource" in window || "ManagedMediaSource" in window;
}

/** The library wherever it can: what a browser does by itself tells less of where it is. */
async function wayTo(format: Format): Promise<AttachLive> {
  if (format === "flv") return (await import("./flv_live")).attachFlvLive;
  if (hasMediaSource()) {
    const { attachHlsLive, canPlayHls } = await import("./hls_live");
    if (canPlayHls()) return attachHlsLive;
  }
  return (await import("./native_live")).attachNativeLive;
}
