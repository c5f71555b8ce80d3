import Hls, { ErrorDetails, ErrorTypes, Events, type ErrorData } from "hls.js/light";
import type { AttachLive } from "./attached";
import type { Failure } from "./source";
import { failureOf } from "./source";

/** Near the edge by as many segments as make it steady, and back there a little faster after a halt. */
const STEADY = { liveDurationInfinity: true, liveSyncDurationCount: 3, maxLiveSyncPlaybackRate: 1.2, backBufferLength: 30 };

const UNDECODABLE: readonly string[] = [
  ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR,
  ErrorDetails.BUFFER_ADD_CODEC_ERROR,
  ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR,
];

/** A live stream in segments, by the library. */
export const attachHlsLive: AttachLive = (video, url, { failed }) => {
  const hls = new Hls(STEADY);
  let mended = false;
  hls.on(Events.ERROR, (_, data: ErrorData) => {
    // An address that is not good any more does not get better by asking again.
    if (data.response?.code === 401) return failed("expired");
    if (!data.fatal) return;
    if (data.type !== ErrorTypes.MEDIA_ERROR || mended || UNDECODABLE.includes(data.details)) return failed(failure(data));
    mended = true;
    hls.recoverMediaError();
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    detach: () => hls.destroy(),
    delayMs: () => (hls.liveSyncPosition === null ? null : Math.round(hls.latency * 1000)),
    edge: () => hls.liveSyncPosition,
  };
};

export const canPlayHls = (): boolean => Hls.isSupported();

function failure({ type, details, response }: ErrorData): Failure {
  if (UNDECODABLE.includes(details)) return "codec";
  return type === ErrorTypes.NETWORK_ERROR ? failureOf(response?.code ?? 0, "hls") : "broken";
}
