import { chat } from "../strings";
import type { Line, MessageLine } from "./chat_lines";
import { el } from "./dom";
import { dayName, timeOfDay } from "./format";
import type { Row } from "./keyed_list";
import { messageRow } from "./message_row";
import type { Names } from "./note";

/** The row of any line of the chat. Only messages that arrive are read out, hence `loud`. */
export function lineRow(line: Line, me: string, names: () => Names, loud: boolean): Row<Line> {
  const row = line.kind === "message" ? (messageRow(me, names) as Row<Line>) : plainRow(line.kind);
  if (!loud) row.root.ariaLive = "off";
  return row;
}

function plainRow(kind: Exclude<Line["kind"], MessageLine["kind"]>): Row<Line> {
  const root = el("li", kind);
  const words = el("span");
  const time = el("time", "meta");
  words.dir = "auto";
  root.append(words, " ", time);
  return {
    root,
    update(line) {
      if (line.kind === "day") words.textContent = dayName(line.at);
      if (line.kind === "unread") words.textContent = chat.unread(line.count);
      if (line.kind !== "note") return;
      words.textContent = line.text;
      time.textContent = timeOfDay(line.at);
      time.dateTime = line.at;
    },
  };
}
