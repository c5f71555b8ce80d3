import mpegts from "mpegts.js";
import type { AttachLive } from "./attached";
import { behindMs } from "./delay";
import { failureOf } from "./source";

const TARGET_S = 0.4;

/** By default the library would stay seconds behind. */
const NEAR = {
  enableStashBuffer: false,
  liveSync: true,
  liveSyncTargetLatency: TARGET_S,
  liveSyncMaxLatency: 2 * TARGET_S,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 30,
  autoCleanupMinBackwardDuration: 10,
};

mpegts.LoggingControl.applyConfig({ enableVerbose: false, enableDebug: false, enableInfo: false });

/** A live stream as FLV, with as little delay as its frames allow. */
export const attachFlvLive: AttachLive = (video, url, { failed }) => {
  // A worker would not know what the address is relative to.
  const player = mpegts.createPlayer({ type: "flv", url: new URL(url, location.href).href, isLive: true }, NEAR);
  const { Events, ErrorDetails } = mpegts;
  player.on(Events.ERROR, (_: string, detail: string, info?: { code?: number }) => {
    if (detail === ErrorDetails.NETWORK_STATUS_CODE_INVALID) return failed(failureOf(info?.code ?? 0, "flv"));
    failed(isUndecodable(detail, info?.code) ? "codec" : "broken");
  });
  // A live stream has no end: whatever ended is its connection.
  player.on(Events.LOADING_COMPLETE, () => failed("broken"));
  player.on(Events.MEDIA_INFO, (info: Codecs) => canDecode(info) || failed("codec"));
  player.attachMediaElement(video);
  player.load();
  return {
    detach: () => player.destroy(),
    delayMs: () => behindMs(video.currentTime, video.buffered),
    edge: () => (video.buffered.length === 0 ? null : Math.max(0, video.buffered.end(video.buffered.length - 1) - TARGET_S)),
  };
};

interface Codecs {
  videoCodec?: string;
  audioCodec?: string;
}

/** Either the library does not know it, or the browser takes no such track. */
function isUndecodable(detail: string, code: number | undefined): boolean {
  const { MEDIA_CODEC_UNSUPPORTED, MEDIA_FORMAT_UNSUPPORTED, MEDIA_MSE_ERROR } = mpegts.ErrorDetails;
  if (detail === MEDIA_MSE_ERROR) return code === DOMException.NOT_SUPPORTED_ERR;
  return detail === MEDIA_CODEC_UNSUPPORTED || detail === MEDIA_FORMAT_UNSUPPORTED;
}

function canDecode({ videoCodec, audioCodec }: Codecs): boolean {
  const can = (kind: string, codec: string | undefined) => codec === undefined || isTypeSupported(`${kind}/mp4; codecs="${codec}"`);
  return can("video", videoCodec) && can("audio", audioCodec);
}

function isTypeSupported(type: string): boolean {
  const managed = (window as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource;
  return (window.MediaSource ?? managed)?.isTypeSupported(type) ?? false;
}
