import type { Failure, Format, LiveSource } from "./source";

/** After so many failures in a row the other format has its turn. A publisher that halts, or has no segment yet, halts in
 * both; and a stream that has only just begun may be known before its node says that it has it. */
const ENOUGH: Readonly<Record<Failure, number>> = { broken: 2, still: 4, expired: 2, not_yet: 6, elsewhere: 2, codec: 1 };

/** Which format to try: the one that a person prefers, unless it fails where the other may not. */
export class Fallback {
  private preferred: Format = "flv";
  private current: Format = "flv";
  private readonly undecodable = new Set<Format>();
  private inRow = 0;
  /** How often there was nothing yet. */
  private misses = 0;

  prefer(format: Format): void {
    this.preferred = format;
    this.forget();
  }

  /** Another stream may be of another kind. */
  forget(): void {
    this.current = this.preferred;
    this.undecodable.clear();
    this.inRow = this.misses = 0;
  }

  /** Whether one format turned out to be none for this browser, and the other one does not come. */
  get isLacking(): boolean {
    return this.undecodable.size > 0 && this.misses >= ENOUGH.not_yet;
  }

  /** The preferred format, if another one had to do instead of it. */
  get missed(): Format | null {
    return this.current === this.preferred || this.undecodable.has(this.preferred) ? null : this.preferred;
  }

  /** The preferred format is to be had again. */
  comeBack(): void {
    this.current = this.preferred;
    this.inRow = 0;
  }

  worked(): void {
    this.inRow = this.misses = 0;
  }

  /** The source to play; null if none of them can be. */
  choose(sources: readonly LiveSource[]): LiveSource | null {
    const playable = sources.filter(({ format }) => !this.undecodable.has(format));
    return playable.find(({ format }) => format === this.current) ?? playable[0] ?? null;
  }

  /** Whether the other format is to be tried now. */
  failed(failure: Failure, format: Format): boolean {
    if (failure === "codec") this.undecodable.add(format);
    if (failure === "not_yet") this.misses += 1;
    this.inRow += 1;
    if (this.inRow < ENOUGH[failure]) return false;
    this.inRow = 0;
    this.current = format === "flv" ? "hls" : "flv";
    return true;
  }
}
