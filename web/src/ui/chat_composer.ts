import type { Message } from "../state/reducer_chat";
import type { Command } from "../state/types";
import { chat } from "../strings";
import { byId } from "./dom";
import { excerpt } from "./message_row";
import { grey, mayUse } from "./permitted";
import type { Typing } from "./typing";

/** Where a message is written: a new one, or an answer to one. */
export class ChatComposer {
  private readonly input = byId("chat-text", HTMLInputElement);
  private readonly button = byId("chat-send", HTMLButtonElement);
  private readonly answering = byId("replying", HTMLElement);
  private answered: Message | null = null;
  /** What was given back without knowing whether it was said. */
  private doubtful: string | null = null;

  constructor(
    private readonly send: (command: Command) => Promise<boolean>,
    private readonly typing: Typing,
    /** Somebody at the empty field wants to write the last message anew. */
    private readonly editLast: () => void,
    private readonly posted: () => void,
  ) {
    const form = byId("chat-form", HTMLFormElement);
    this.input.addEventListener("input", () => typing.wrote(this.input.value));
    this.input.addEventListener("keydown", (event) => this.key(event));
    byId("no-reply", HTMLButtonElement).addEventListener("click", () => this.reply(null, ""));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (mayUse(this.button)) void this.post();
    });
  }

  /** Answers a message from now on, or none. */
  reply(message: Message | null, author: string): void {
    this.answered = message;
    this.answering.hidden = message === null;
    if (message !== null) byId("replying-to", HTMLElement).textContent = chat.replyingTo(author, excerpt(message));
    this.focus();
  }

  focus(): void {
    this.input.focus();
  }

  /** A message of one's own is there: given back by mistake, it is not to be said twice. */
  arrived(text: string): void {
    if (text !== this.doubtful) return;
    if (this.input.value === text) this.input.value = "";
    this.doubtful = null;
  }

  /** Why nothing can be said, in the place where it would be said. */
  permit(why: string | null): void {
    this.input.readOnly = why !== null;
    this.input.ariaDisabled = why === null ? null : "true";
    grey(this.button, why, "chat.send");
    this.input.placeholder = why ?? chat.say;
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "ArrowUp" && this.input.value === "") {
      event.preventDefault();
      this.editLast();
    } else if (event.key === "Escape" && this.answered !== null) {
      event.stopPropagation();
      this.reply(null, "");
    }
  }

  private async post(): Promise<void> {
    const text = this.input.value.trim();
    if (text === "") return;
    const { answered } = this;
    this.input.value = "";
    this.doubtful = null;
    if (answered !== null) this.reply(null, "");
    this.typing.stopped();
    this.posted();
    const command = { type: "chat.post", text };
    const done = await this.send(answered === null ? command : { ...command, reply_to: answered.id });
    // What could not be sent is given back, unless something new is being written.
    if (!done && this.input.value === "") this.input.value = this.doubtful = text;
  }
}
