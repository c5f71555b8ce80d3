import type { Level } from "./quality";
import type { Kind, Source } from "./sources";
import { isInsecure, judge, probe, type Trouble } from "./trouble";

export interface Qualities {
  levels: readonly Level[];
  /** null: by what the connection carries. */
  choose(level: number | null): void;
}

export interface Attached {
  detach(): void;
}

/** What a way to play tells of the medium. */
export interface Told {
  failed(): void;
  qualities(qualities: Qualities): void;
}

export type Attach = (video: HTMLVideoElement, source: Source, told: Told) => Promise<Attached>;

export interface MediumHooks {
  trouble(trouble: Trouble | null): void;
  qualities(qualities: Qualities | null): void;
}

/** The medium in the video element: by the browser itself, or by a library that is loaded when it is needed. */
export class Medium {
  private attached: Attached | null = null;
  /** Tells what is under way for a source from what was for the one before. */
  private turn = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly hooks: MediumHooks,
  ) {}

  show(source: Source | null): void {
    const turn = (this.turn += 1);
    this.clear();
    this.hooks.trouble(null);
    if (source !== null) void this.attach(source, turn);
  }

  private clear(): void {
    this.attached?.detach();
    this.attached = null;
    this.hooks.qualities(null);
    this.video.replaceChildren();
    this.video.removeAttribute("src");
    this.video.load();
  }

  private async attach(source: Source, turn: number): Promise<void> {
    const current = () => turn === this.turn;
    const told: Told = {
      failed: () => current() && void this.examine(source, turn),
      qualities: (qualities) => current() && this.hooks.qualities(qualities),
    };
    try {
      const attached = await (await wayTo(source.kind, this.video))(this.video, source, told);
      if (!current()) return attached.detach();
      this.attached = attached;
      this.video.append(...source.subtitles.map(trackOf));
    } catch {
      told.failed();
    }
  }

  /** It does not play: finds out why, and whether another way would do. */
  private async examine(source: Source, turn: number): Promise<void> {
    const verdict = judge(await probe(source.url), source.kind, isInsecure(source.url, location.href));
    if (turn !== this.turn) return;
    if ("trouble" in verdict) return this.hooks.trouble(verdict.trouble);
    this.clear();
    await this.attach({ ...source, kind: verdict.insteadBy }, turn);
  }
}

async function wayTo(kind: Kind, video: HTMLVideoElement): Promise<Attach> {
  if (kind === "flv") return (await import("./flv")).attachFlv;
  if (kind === "hls" && video.canPlayType("application/vnd.apple.mpegurl") === "") return (await import("./hls")).attachHls;
  return attachNative;
}

const attachNative: Attach = async (video, { url }, told) => {
  video.addEventListener("error", told.failed);
  video.src = url;
  return { detach: () => video.removeEventListener("error", told.failed) };
};

function trackOf({ url, language, label }: Source["subtitles"][number]): HTMLTrackElement {
  const track = document.createElement("track");
  Object.assign(track, { kind: "subtitles", src: url, srclang: language, label });
  return track;
}
