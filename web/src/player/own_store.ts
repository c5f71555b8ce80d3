import { createMediaStore, type MediaStore } from "media-chrome/dist/media-store/media-store.js";
import { stateMediator, type StateMediator } from "media-chrome/dist/media-store/state-mediator.js";

/** What concerns this person alone. The store learns of nothing else, so that it can neither play nor seek. */
const OWN = [
  "mediaMuted",
  "mediaVolume",
  "mediaVolumeUnavailable",
  "mediaSubtitlesList",
  "mediaSubtitlesShowing",
  "mediaIsPip",
  "mediaPipUnavailable",
  "mediaIsFullscreen",
  "mediaFullscreenUnavailable",
] as const satisfies (keyof StateMediator)[];

export type OwnState = Partial<Parameters<Parameters<MediaStore["subscribe"]>[0]>[0]>;
export type OwnStore = MediaStore;

/** How browsers differ in volume, captions, picture in picture and full screen is media-chrome's to know. Its elements
 * are not used: they bring styles of their own, which the page's content security policy keeps out. */
export function ownStore(media: HTMLVideoElement, fullscreenElement: HTMLElement): MediaStore {
  const mediator = Object.fromEntries(OWN.map((key) => [key, stateMediator[key]])) as unknown as StateMediator;
  // A video that had to be muted to play is not to stay muted for ever.
  const options = { noMutedPref: true };
  return createMediaStore({ media, fullscreenElement, documentElement: document, stateMediator: mediator, options });
}
