import type { Item } from "../state/types";

/** Who plays it: the browser by itself, or a library that is loaded for it. */
export type Kind = "native" | "hls" | "flv";

export interface Subtitle {
  url: string;
  language: string;
  label: string;
}

export interface Source {
  url: string;
  kind: Kind;
  /** It has no end yet. */
  live: boolean;
  subtitles: readonly Subtitle[];
}

/** Where the medium of an item comes from; the one place that decides it. */
export function sourceOf(item: Item): Source {
  return { url: item.url, kind: kindByName(item.url), live: isLive(item.url), subtitles: [] };
}

/** By what the address ends with; what says nothing is left to the browser. */
export function kindByName(url: string): Kind {
  const path = pathOf(url).toLowerCase();
  if (path.endsWith(".m3u8")) return "hls";
  return path.endsWith(".flv") ? "flv" : "native";
}

const HLS_TYPES = ["application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl"];

/** By what the server says it is; null if that settles nothing. */
export function kindByType(contentType: string): Kind | null {
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (HLS_TYPES.includes(type)) return "hls";
  return type === "video/x-flv" ? "flv" : null;
}

/** Whether a playlist needs more of hls.js than its light build has: subtitles, or sound in streams of its own. */
export function needsFullHls(manifest: string): boolean {
  return manifest.split(/\r?\n/).some((line) => {
    if (!line.startsWith("#EXT-X-MEDIA:")) return false;
    return /TYPE=SUBTITLES/.test(line) || (/TYPE=AUDIO/.test(line) && /URI=/.test(line));
  });
}

function isLive(url: string): boolean {
  return pathOf(url).startsWith("/live/");
}

function pathOf(url: string): string {
  try {
    return new URL(url, "http://relative").pathname;
  } catch {
    return "";
  }
}
