import type { LiveTold } from "./recovery";

/** A stream in a video element. */
export interface AttachedLive {
  detach(): void;
  /** How far behind live it is, in ms; null while unknown. */
  delayMs(): number | null;
  /** The place of the newest that can be played without a halt, in s; null while unknown. */
  edge(): number | null;
}

/** Puts a stream into the element, which is played by others. */
export type AttachLive = (video: HTMLVideoElement, url: string, told: Pick<LiveTold, "failed">) => AttachedLive;
