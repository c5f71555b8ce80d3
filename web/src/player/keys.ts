/** What a key does; the room's actions are commands to everybody in it. */
export type Action =
  | "play"
  | "back10"
  | "ahead10"
  | "back5"
  | "ahead5"
  | "mute"
  | "fullscreen"
  | "captions"
  | "chat"
  | "help"
  | "leave";

/** The table of keys, in the order in which it is shown. */
export const KEYS: readonly { action: Action; keys: readonly string[] }[] = [
  { action: "play", keys: [" ", "k"] },
  { action: "back10", keys: ["j"] },
  { action: "ahead10", keys: ["l"] },
  { action: "back5", keys: ["arrowleft"] },
  { action: "ahead5", keys: ["arrowright"] },
  { action: "mute", keys: ["m"] },
  { action: "fullscreen", keys: ["f"] },
  { action: "captions", keys: ["c"] },
  { action: "chat", keys: ["t"] },
  { action: "help", keys: ["?"] },
  { action: "leave", keys: ["escape"] },
];

/** How far a key goes, in ms. */
export const STEPS = { back10: -10_000, ahead10: 10_000, back5: -5_000, ahead5: 5_000 } as const;

/** What the key goes to: where text is written, a control that has its own use for some keys, or neither. */
export type Target = "text" | "control" | "page";

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** What a pressed key does there, if anything. `singleKeys`: whether keys other than Escape do anything. */
export function actionOf(press: Press, target: Target, singleKeys: boolean): Action | null {
  if (press.ctrlKey || press.metaKey || press.altKey || target === "text") return null;
  const key = press.key.toLowerCase();
  if (key !== "escape" && !singleKeys) return null;
  if (target === "control" && (key === " " || key.startsWith("arrow"))) return null;
  return KEYS.find(({ keys }) => keys.includes(key))?.action ?? null;
}

/** An open dialog has the keys to itself, as has what text is written in. */
const TEXT = "dialog, textarea, [contenteditable]:not([contenteditable=false])";
const CONTROL = "button, a, summary, [role=tab], [role=option], [role=menuitem]";
const PUSHED = ["range", "checkbox", "radio", "button", "submit"];

/** What a key pressed in this element goes to. */
export function targetOf(element: Element | null): Target {
  if (element === null) return "page";
  if (element instanceof HTMLInputElement) return PUSHED.includes(element.type) ? "control" : "text";
  // Letters choose among the options.
  if (element instanceof HTMLSelectElement || element.closest(TEXT)) return "text";
  return element.closest(CONTROL) ? "control" : "page";
}
