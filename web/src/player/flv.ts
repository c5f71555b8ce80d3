import type { Attach } from "./medium";

/** Plays FLV, which no browser knows. */
export const attachFlv: Attach = async (video, { url, live }, told) => {
  const { default: mpegts } = await import("mpegts.js");
  if (!mpegts.isSupported()) throw new Error("no media source extensions");
  const player = mpegts.createPlayer({ type: "flv", url, isLive: live });
  player.on(mpegts.Events.ERROR, () => told.failed());
  player.attachMediaElement(video);
  player.load();
  return { detach: () => player.destroy() };
};
