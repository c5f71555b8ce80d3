import { byId, el } from "./dom";
import { Problem } from "../net/problem";

const SHOWN_MS = 6_000;

function show(text: string, kind: "problem" | "note"): void {
  const toast = el("p", "", text);
  toast.dataset["kind"] = kind;
  byId("toasts", HTMLElement).append(toast);
  setTimeout(() => toast.remove(), SHOWN_MS);
}

export function note(text: string): void {
  show(text, "note");
}

/** Shows a failure for a few seconds. Another client having been quicker is no failure worth showing. */
export function complain(error: unknown): void {
  if (error instanceof Problem && error.code === "stale_item") return;
  show(error instanceof Error ? error.message : String(error), "problem");
}
