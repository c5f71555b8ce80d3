import { Problem, secondsToWait } from "../net/problem";
import { problems as texts } from "../strings";

/** What went wrong, for people. */
export function textOf(error: unknown): string {
  if (!(error instanceof Problem)) return error instanceof Error ? error.message : String(error);
  const { code, more, message } = error;
  if (code === "forbidden") return texts.deniedBy[String(more["decided_by"]).split(":", 1)[0] ?? ""] ?? texts.denied;
  if (code === "rate_limited") return texts.tooFast(secondsToWait(error));
  return texts.byCode[code] ?? message;
}
