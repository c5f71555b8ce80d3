import type { Message } from "../state/reducer_chat";
import { chat } from "../strings";
import type { MessageLine } from "./chat_lines";
import { el } from "./dom";
import { timeOfDay } from "./format";
import type { Row } from "./keyed_list";
import type { Names } from "./note";
import { pieces } from "./timestamps";

/** What the buttons within a message do; the chat hears their clicks. */
export type Act = "seek" | "quote" | "react";

const QUOTED = 80;

/** The row of a message. */
export function messageRow(me: string, names: () => Names): Row<MessageLine> {
  const root = el("li", "message");
  const head = el("p", "head");
  const author = el("strong");
  const time = el("time", "meta");
  const edited = el("span", "meta");
  const quote = button("quote");
  const text = el("p", "text");
  const reactions = el("p", "reactions");
  root.tabIndex = -1;
  author.dir = quote.dir = text.dir = "auto";
  reactions.ariaLive = "off";
  head.append(author, " ", time, " ", edited);
  root.append(head, quote, text, reactions);
  return {
    root,
    update(line) {
      const { message } = line;
      root.dataset["id"] = message.id;
      root.classList.toggle("follows", line.follows);
      root.classList.toggle("mine", message.author === me);
      author.textContent = line.author;
      time.textContent = timeOfDay(message.at);
      time.dateTime = message.at;
      edited.textContent = message.edited && message.text !== null ? chat.edited : "";
      showQuote(quote, line);
      showText(text, message);
      reactions.replaceChildren(...reactionButtons(message, me, names()));
    },
  };
}

/** The beginning of a message, as others quote it. */
export function excerpt(message: Message | null): string {
  if (message === null) return chat.gone;
  const text = message.text ?? chat.withdrawn;
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
}

function showQuote(quote: HTMLButtonElement, { message, quoted, quotedAuthor }: MessageLine): void {
  quote.hidden = message.replyTo === null;
  if (message.replyTo === null) return;
  quote.dataset["to"] = message.replyTo;
  quote.textContent = quoted === null ? excerpt(null) : `${quotedAuthor}: ${excerpt(quoted)}`;
  quote.setAttribute("aria-label", chat.toOriginal(quotedAuthor, excerpt(quoted)));
}

function showText(text: HTMLElement, message: Message): void {
  text.classList.toggle("gone", message.text === null);
  text.replaceChildren(...pieces(message.text ?? chat.withdrawn).map(({ text: words, ms }) => (ms === null ? words : stamp(words, ms))));
}

function stamp(words: string, ms: number): HTMLButtonElement {
  const stamp = button("seek", words);
  stamp.classList.add("stamp");
  stamp.dataset["ms"] = String(ms);
  stamp.setAttribute("aria-label", chat.seek(words));
  return stamp;
}

function reactionButtons(message: Message, me: string, names: Names): HTMLButtonElement[] {
  return Object.entries(message.reactions).map(([reaction, who]) => {
    const chip = button("react", `${reaction} ${who.length}`);
    chip.dataset["reaction"] = reaction;
    chip.ariaPressed = String(who.includes(me));
    chip.title = chat.reactions(reaction, who.map((id) => names.person(id)));
    return chip;
  });
}

/** Only the message that is looked at has its buttons in the tab order. */
function button(act: Act, words = ""): HTMLButtonElement {
  const made = el("button", act, words);
  made.type = "button";
  made.tabIndex = -1;
  made.dataset["act"] = act;
  return made;
}
