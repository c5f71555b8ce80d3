import * as strings from "../strings";

/** The text at a path in strings.ts, such as `page.chat`; that it is missing is an error. */
export function textAt(path: string): string {
  const found = path.split(".").reduce<unknown>((within, key) => (within as Record<string, unknown> | undefined)?.[key], strings);
  if (typeof found !== "string") throw new Error(`strings.ts has no text ${path}`);
  return found;
}

/** Puts the texts into what index.html marks with `data-text` and `data-label`. */
export function fillTexts(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-text]")) {
    element.textContent = textAt(element.dataset["text"] ?? "");
  }
  for (const element of root.querySelectorAll<HTMLElement>("[data-label]")) {
    element.setAttribute("aria-label", textAt(element.dataset["label"] ?? ""));
  }
}
