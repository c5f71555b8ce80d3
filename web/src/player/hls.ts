import type Hls from "hls.js";
import type { ErrorData } from "hls.js";
import type { Attach } from "./medium";
import { needsFullHls } from "./sources";

/** Plays HLS where the browser does not know it. */
export const attachHls: Attach = async (video, { url }, told) => {
  const library = needsFullHls(await read(url)) ? await import("hls.js") : await import("hls.js/light");
  const { default: Player, Events, ErrorTypes } = library;
  if (!Player.isSupported()) throw new Error("no media source extensions");
  // Otherwise a live stream looks like a film that ends with what there is so far.
  const hls: Hls = new Player({ liveDurationInfinity: true });
  let mended = false;
  hls.on(Events.MANIFEST_PARSED, () => told.qualities(qualitiesOf(hls)));
  hls.on(Events.ERROR, (_, { fatal, type }: ErrorData) => {
    if (!fatal) return;
    if (type !== ErrorTypes.MEDIA_ERROR || mended) return told.failed();
    // A broken piece of the stream is often one of a kind.
    mended = true;
    hls.recoverMediaError();
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return { detach: () => hls.destroy() };
};

async function read(url: string): Promise<string> {
  const answer = await fetch(url, { credentials: "omit" });
  if (!answer.ok) throw new Error(`the playlist is answered with ${answer.status}`);
  return answer.text();
}

function qualitiesOf(hls: Hls) {
  const levels = hls.levels.map(({ height, bitrate }) => ({ height, bitrate }));
  return { levels, choose: (level: number | null) => (hls.nextLevel = level ?? -1) };
}
