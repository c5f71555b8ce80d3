import { afterwards } from "../net/later";
import { initials, readyView, type Asked, type ReadyView } from "../player/ready_view";
import type { Steering } from "../player/steering";
import type { State } from "../state/reducer";
import { ready as texts } from "../strings";
import { byId, el } from "./dom";
import { KeyedList, type Row } from "./keyed_list";

const TICK_MS = 100;

/** The bar of a ready check: who is asked and who is ready, and the seconds before the start. */
export class ReadyCheck {
  private readonly bar = byId("ready", HTMLElement);
  private readonly start = byId("ready-start", HTMLButtonElement);
  private readonly mine = byId("ready-mine", HTMLButtonElement);
  private readonly cancel = byId("ready-cancel", HTMLButtonElement);
  private readonly countdown = byId("countdown", HTMLElement);
  private readonly said = byId("ready-said", HTMLElement);
  private readonly asked = new KeyedList<Asked>(byId("ready-asked", HTMLElement), ({ id }) => id, chip);
  private state: State | null = null;
  private stop: (() => void) | null = null;

  constructor(
    private readonly me: string,
    steering: Steering,
    private readonly now: () => number | null,
  ) {
    this.mine.addEventListener("click", () => steering.markReady(this.mine.ariaPressed !== "true"));
    this.cancel.addEventListener("click", () => steering.cancelReadyCheck());
  }

  show(state: State): void {
    this.state = state;
    this.tick();
  }

  private tick(): void {
    this.stop?.();
    this.stop = null;
    if (this.state === null) return;
    const view = readyView(this.state.room, this.state.names, this.me, this.now());
    this.render(view);
    if (view !== null) this.stop = afterwards(TICK_MS, () => this.tick());
  }

  private render(view: ReadyView | null): void {
    this.bar.hidden = view === null;
    this.start.hidden = view !== null;
    this.countdown.hidden = view === null || view.countdown === null;
    if (view === null) return write(this.said, "");
    this.asked.update(view.asked);
    this.mine.hidden = view.mine === null;
    this.mine.ariaPressed = String(view.mine === true);
    this.cancel.hidden = !view.mayCancel;
    write(byId("ready-left", HTMLElement), view.secondsLeft === null ? "" : texts.left(view.secondsLeft));
    write(byId("ready-count", HTMLElement), texts.count(view.readyCount, view.asked.length));
    if (view.countdown !== null) write(this.countdown, String(view.countdown));
    // The seconds are shown; that they run is said once.
    write(this.said, view.countdown === null ? texts.count(view.readyCount, view.asked.length) : texts.starting);
  }
}

function chip(): Row<Asked> {
  const root = el("li", "chip");
  const name = el("span", "chip-name");
  const face = el("span", "chip-face");
  const sign = el("span", "chip-sign");
  const spoken = el("span", "visually-hidden");
  for (const shown of [face, sign, name]) shown.ariaHidden = "true";
  name.dir = "auto";
  root.append(face, name, sign, spoken);
  return {
    root,
    update(asked) {
      root.dataset["ready"] = String(asked.ready);
      const shownName = asked.me ? texts.you(asked.name) : asked.name;
      write(face, initials(asked.name));
      write(name, shownName);
      write(sign, asked.ready ? "✓" : "…");
      write(spoken, asked.ready ? texts.isReady(shownName) : texts.isNotReady(shownName));
    },
  };
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
