import * as strings from "../strings";

/** The text at a path in strings.ts, such as `page.chat`; that it is missing is an error. */
export function textAt(path: string): string {
  const within = (value: unknown, key: string) => (value as Record<string, unknown> | undefined)?.[key];
  const found = path.split(".").reduce(within, strings as unknown);
  if (typeof found !== "string") throw new Error(`strings.ts has no text ${path}`);
  return found;
}

/** Puts the texts into what index.html marks with `data-text`, `data-label` and `data-hint` (the placeholder). */
export function fillTexts(root: ParentNode): void {
  each(root, "text", (element, text) => (element.textContent = text));
  each(root, "label", (element, text) => element.setAttribute("aria-label", text));
  each(root, "hint", (element, text) => element.setAttribute("placeholder", text));
}

function each(root: ParentNode, mark: string, put: (element: HTMLElement, text: string) => void): void {
  for (const element of root.querySelectorAll<HTMLElement>(`[data-${mark}]`)) {
    put(element, textAt(element.dataset[mark] ?? ""));
  }
}
