import type { State } from "../state/reducer";
import { chat } from "../strings";
import { live as texts } from "../strings/live";

/** How a stream ended that is no longer there. */
export interface Ending {
  words: string;
  /** The publisher is expected back at once. */
  passing: boolean;
}

/** By the event that ended the stream which began at `seq`; without it, that it is over is all there is to say. */
export function endingOf({ log, names }: Pick<State, "log" | "names">, seq: number): Ending {
  const event = log.filter((one) => one.type === "live.stopped" && one.seq > seq).at(-1);
  const reason = String(event?.data?.["reason"] ?? "");
  if (reason === "replaced") return { words: texts.again, passing: true };
  if (reason === "asked") return { words: texts.stopped(names[event?.actor?.id ?? ""] ?? chat.someone), passing: false };
  return { words: texts.over(chat.liveEnds[reason] ?? ""), passing: false };
}
