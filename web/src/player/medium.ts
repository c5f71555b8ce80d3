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
  /** The element is empty again. */
  cleared(): void;
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
    if (source !== null) void this.attach(source, waysTo(source.kind, this.video), turn);
  }

  private clear(): void {
    this.attached?.detach();
    this.attached = null;
    this.hooks.qualities(null);
    this.video.replaceChildren();
    this.video.removeAttribute("src");
    this.video.load();
    this.hooks.cleared();
  }

  /** By the first way that does it. */
  private async attach(source: Source, [way, ...others]: readonly Way[], turn: number): Promise<void> {
    if (way === undefined) return this.examine(source, turn);
    let over = false;
    const current = () => turn === this.turn && !over;
    const failed = () => {
      if (!current()) return;
      over = true;
      this.clear();
      void this.attach(source, others, turn);
    };
    try {
      const attached = await (await way())(this.video, source, {
        failed,
        qualities: (qualities) => current() && this.hooks.qualities(qualities),
      });
      if (!current()) return attached.detach();
      this.attached = attached;
      this.video.append(...source.subtitles.map(trackOf));
    } catch {
      failed();
    }
  }

  /** It does not play: finds out why, and whether it is of another kind than its name says. */
  private async examine(source: Source, turn: number): Promise<void> {
    const verdict = judge(await probe(source.url), source.kind, isInsecure(source.url, location.href));
    if (turn !== this.turn) return;
    if ("trouble" in verdict) return this.hooks.trouble(verdict.trouble);
    await this.attach({ ...source, kind: verdict.insteadBy }, waysTo(verdict.insteadBy, this.video), turn);
  }
}

type Way = () => Promise<Attach>;

/** Who can play it here, the best first. A browser that knows HLS by itself offers none of its qualities, and some no
 * subtitles; but only the browser may play it from a site that lets no page read it. */
function waysTo(kind: Kind, video: HTMLVideoElement): Way[] {
  const alone: Way = async () => attachNative;
  if (kind === "native") return [alone];
  if (kind === "flv") return [async () => (await import("./flv")).attachFlv];
  const knows = video.canPlayType("application/vnd.apple.mpegurl") !== "";
  if (!("MediaSource" in window)) return [alone];
  const library: Way = async () => (await import("./hls")).attachHls;
  return knows ? [library, alone] : [library];
}

const attachNative: Attach = async (video, { url }, { failed }) => {
  video.addEventListener("error", failed);
  video.src = url;
  return { detach: () => video.removeEventListener("error", failed) };
};

function trackOf({ url, language, label }: Source["subtitles"][number]): HTMLTrackElement {
  const track = document.createElement("track");
  Object.assign(track, { kind: "subtitles", src: url, srclang: language, label });
  return track;
}
