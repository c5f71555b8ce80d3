import { holdText } from "../player/hold_view";
import type { Steering } from "../player/steering";
import type { State } from "../state/reducer";
import type { Hold } from "../state/types";
import { byId } from "./dom";

const TICK_MS = 500;

/** Says whom playback waits for, and lets those who may steer go on without them. */
export class HoldNotice {
  private readonly notice = byId("hold", HTMLElement);
  private readonly text = byId("hold-text", HTMLElement);
  private readonly goOn = byId("hold-go-on", HTMLButtonElement);
  private hold: Hold | null = null;
  private names: State["names"] = {};

  constructor(
    private readonly steering: Steering,
    private readonly now: () => number | null,
  ) {
    this.goOn.addEventListener("click", () => void steering.play());
    setInterval(() => this.tick(), TICK_MS);
  }

  show({ room, names }: State): void {
    const { hold } = room.playback;
    this.names = names;
    this.goOn.hidden = this.steering.refusal("playback.control") !== null;
    this.notice.hidden = hold === null;
    // Said once, when it begins: not at every second.
    if (hold !== null && hold !== this.hold) {
      byId("hold-said", HTMLElement).textContent = holdText({ ...hold, deadline_ms: null }, names, null);
    }
    this.hold = hold;
    this.tick();
  }

  private tick(): void {
    if (this.hold !== null) this.text.textContent = holdText(this.hold, this.names, this.now());
  }
}
