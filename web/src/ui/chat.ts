import { byId, el, KeyedList, type Row } from "./dom";
import type { Message } from "../state/reducer_chat";
import type { State } from "../state/reducer";
import type { Command } from "../state/types";
import { Typing } from "./typing";

type Send = (command: Command) => Promise<boolean>;

interface Entry {
  message: Message;
  author: string;
}

/** How far from the end still counts as reading the newest message, in pixels. */
const NEAR_END_PX = 40;

export class Chat {
  private readonly box = byId("messages", HTMLElement);
  private readonly list = new KeyedList<Entry>(this.box, ({ message }) => message.id, messageRow);
  private shown: Pick<State, "messages" | "names"> | null = null;

  constructor(
    private readonly send: Send,
    private readonly typing: Typing,
  ) {
    const input = byId("chat-text", HTMLInputElement);
    input.addEventListener("input", () => typing.wrote(input.value));
    byId("chat-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.post(input);
    });
  }

  show(state: State): void {
    if (this.shown?.messages === state.messages && this.shown.names === state.names) return;
    this.shown = state;
    const atEnd = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR_END_PX;
    this.list.update(
      state.messages.map((message) => ({ message, author: state.names[message.author] ?? "someone" })),
    );
    if (atEnd) this.box.scrollTop = this.box.scrollHeight;
  }

  private async post(input: HTMLInputElement): Promise<void> {
    const text = input.value.trim();
    if (text === "") return;
    input.value = "";
    this.typing.stopped();
    const done = await this.send({ type: "chat.post", text });
    // What could not be sent is given back, unless something new is being written.
    if (!done && input.value === "") input.value = text;
  }
}

function messageRow(): Row<Entry> {
  const root = el("li");
  const author = el("strong");
  const text = el("span", "text");
  const meta = el("span", "meta");
  text.dir = "auto";
  root.append(author, " ", text, " ", meta);
  return {
    root,
    update({ message, author: name }) {
      author.textContent = `${name}:`;
      text.textContent = message.text ?? "message removed";
      text.classList.toggle("gone", message.text === null);
      const reactions = Object.entries(message.reactions).map(([reaction, who]) => `${reaction} ${who.length}`);
      meta.textContent = [message.edited && message.text !== null ? "(edited)" : "", ...reactions].filter(Boolean).join(" ");
    },
  };
}
