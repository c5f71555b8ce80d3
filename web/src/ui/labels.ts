/** Names a button that shows an icon: for who hears it, and for who points at it. */
export function label(button: HTMLElement, text: string): void {
  if (button.ariaLabel === text) return;
  button.ariaLabel = text;
  button.title = text;
}

/** Shows the icon of one of two states. */
export function showIcon(button: HTMLElement, on: boolean): void {
  button.dataset["on"] = String(on);
}
