const GAP_PX = 8;

/** Puts what is shown on top of the page above an element, or below it where there is no room, and within the window. */
export function placeBeside(shown: HTMLElement, element: HTMLElement): void {
  const at = element.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = shown;
  const left = Math.min(Math.max(GAP_PX, at.left + at.width / 2 - width / 2), innerWidth - width - GAP_PX);
  const above = at.top - height - GAP_PX;
  const top = above >= GAP_PX ? above : Math.min(at.bottom + GAP_PX, innerHeight - height - GAP_PX);
  shown.style.setProperty("left", `${Math.max(GAP_PX, left)}px`);
  shown.style.setProperty("top", `${Math.max(GAP_PX, top)}px`);
}

/** Keeps a popover beside the button that opens it. */
export function besideItsButton(popover: HTMLElement, button: HTMLElement): void {
  popover.addEventListener("toggle", () => popover.matches(":popover-open") && placeBeside(popover, button));
}
