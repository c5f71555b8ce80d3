const IDLE_MS = 3_000;
const SIGNS_OF_LIFE = ["pointermove", "pointerdown", "keydown", "focusin"];

/** Marks the stage while nobody moves: in full screen its controls then leave the picture alone. */
export function fadeWhenIdle(stage: HTMLElement): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wake = () => {
    delete stage.dataset["idle"];
    clearTimeout(timer);
    timer = setTimeout(() => (stage.dataset["idle"] = ""), IDLE_MS);
  };
  for (const event of SIGNS_OF_LIFE) stage.addEventListener(event, wake);
}
