import { Problem } from "../net/problem";
import type { Permission } from "../state/permissions";
import type { Step } from "../state/types";
import { whyPanel as texts } from "../strings";
import { askWhy } from "./ask_why";
import { el } from "./dom";
import { textOf } from "./problem_text";

/** A button for the whole reason of a refusal, if there is one to tell. */
export function whyButtons(error: unknown): HTMLElement[] {
  if (!(error instanceof Problem) || error.code !== "forbidden") return [];
  const { permission, steps } = error.more;
  if (typeof permission !== "string" || !Array.isArray(steps)) return [];
  const button = el("button", "link", texts.why);
  button.type = "button";
  const question = { permission: permission as Permission, text: textOf(error), steps: steps as Step[] };
  button.addEventListener("click", () => askWhy(question, button));
  return [button];
}

/** Puts what went wrong into a line for it; nothing for null. */
export function putProblem(line: HTMLElement, error: unknown): void {
  line.replaceChildren(...(error === null ? [] : [textOf(error), " ", ...whyButtons(error)]));
}
