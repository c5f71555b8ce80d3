const IDLE_MS = 3_000;
const SIGNS_OF_LIFE = ["pointermove", "pointerdown", "keydown", "focusin"];

/** What the stage needs once it fills the screen: nothing else of the page is shown then. */
export function prepareForFullscreen(stage: HTMLElement): void {
  fadeWhenIdle(stage);
  const toasts = document.querySelector(".toasts");
  document.addEventListener("fullscreenchange", () => toasts && (document.fullscreenElement ?? document.body).append(toasts));
}

/** Marks the stage while nobody moves, so that its controls leave the picture alone. */
function fadeWhenIdle(stage: HTMLElement): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wake = () => {
    delete stage.dataset["idle"];
    clearTimeout(timer);
    timer = setTimeout(() => (stage.dataset["idle"] = ""), IDLE_MS);
  };
  for (const event of SIGNS_OF_LIFE) stage.addEventListener(event, wake);
}
