/** How the stream comes: as FLV with little delay, or in segments of HLS. */
export type Format = "flv" | "hls";

export const FORMATS: readonly Format[] = ["flv", "hls"];

/** Where a stream can be had, for as long as its address is good. */
export interface LiveSource {
  format: Format;
  url: string;
}

/** As much of an answer about playback as is needed. */
export interface Playback {
  sources: readonly { url: string; format: string }[];
}

/** The live sources among all: while the server has not heard of the stream, or no more, they are those of the item. */
export function liveSources({ sources }: Playback): LiveSource[] {
  return sources.flatMap(({ url, format }) => (isFormat(format) && url.startsWith("/live/") ? [{ url, format }] : []));
}

/** Why a stream does not play, or no longer. */
export type Failure =
  /** The connection broke, or never stood. */
  | "broken"
  /** It stands still. */
  | "still"
  /** The address is not good any more. */
  | "expired"
  /** There is nothing yet: the first segment is still being cut. */
  | "not_yet"
  /** Another node has it. */
  | "elsewhere"
  /** This browser cannot decode it. */
  | "codec";

/** What an answer's status says of a stream that did not come. */
export function failureOf(status: number, format: Format): Failure {
  if (status === 401) return "expired";
  if (status === 404 && format === "hls") return "not_yet";
  return status === 503 && format === "flv" ? "elsewhere" : "broken";
}

function isFormat(format: string): format is Format {
  return (FORMATS as readonly string[]).includes(format);
}
