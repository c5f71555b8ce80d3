import type { Ranges } from "../sync/media_element";
import type { AttachLive } from "./attached";
import { behindMs } from "./delay";

const NEAR_S = 3;

/** A live stream in segments, by a browser that has no media source but knows HLS by itself. */
export const attachNativeLive: AttachLive = (video, url, { failed }) => {
  const told = () => failed(video.error?.code === MediaError.MEDIA_ERR_DECODE ? "codec" : "not_yet");
  const over = () => failed("broken");
  video.addEventListener("error", told);
  video.addEventListener("ended", over);
  video.src = url;
  return {
    detach() {
      video.removeEventListener("error", told);
      video.removeEventListener("ended", over);
      video.removeAttribute("src");
      video.load();
    },
    delayMs: () => behindMs(video.currentTime, known(video)),
    edge() {
      const there = known(video);
      return there.length === 0 ? null : Math.max(0, there.end(there.length - 1) - NEAR_S);
    },
  };
};

/** Not every browser tells how far a stream without an end can be sought. */
function known({ seekable, buffered }: HTMLVideoElement): Ranges {
  return seekable.length > 0 && Number.isFinite(seekable.end(seekable.length - 1)) ? seekable : buffered;
}
