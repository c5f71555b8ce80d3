import type { Trouble } from "../player/trouble";
import { player as texts } from "../strings";
import { byId } from "./dom";

/** Says why the video does not play and what to do; the rest of the room goes on. */
export class TroubleNotice {
  constructor(retry: () => void) {
    byId("trouble-retry", HTMLButtonElement).addEventListener("click", retry);
  }

  show(trouble: Trouble | null): void {
    byId("trouble", HTMLElement).hidden = trouble === null;
    byId("trouble-text", HTMLElement).textContent = trouble === null ? "" : texts.trouble[trouble];
  }
}
