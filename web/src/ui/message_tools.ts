import type { Message } from "../state/reducer_chat";
import { chat } from "../strings";
import { el } from "./dom";
import { grey, onUse } from "./permitted";

export const REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🎉"] as const;

/** The right that each takes. */
const LACKING = { react: "chat.react", reply: "chat.send", edit: "chat.send", withdraw: "chat.delete_any" } as const;

/** Why something cannot be done with a message; null: it can. */
export interface Hindrances {
  react: string | null;
  reply: string | null;
  edit: string | null;
  withdraw: string | null;
  /** Whether to offer editing at all: a message is its author's. */
  own: boolean;
}

export interface ToolUses {
  hindrances(message: Message): Hindrances;
  react(message: Message, reaction: string): void;
  reply(message: Message): void;
  edit(message: Message): void;
  withdraw(message: Message): void;
}

/** One set of buttons for all messages: it stands at the one that is pointed at, tapped or focused. */
export class MessageTools {
  private readonly root = el("div", "tools");
  private readonly picker = el("span", "picker");
  private readonly buttons = {
    react: tool(chat.react),
    reply: tool(chat.reply),
    edit: tool(chat.edit),
    withdraw: tool(chat.withdraw),
  };
  private row: HTMLElement | null = null;
  private message: Message | null = null;

  constructor(private readonly uses: ToolUses) {
    const { react, reply, edit, withdraw } = this.buttons;
    this.root.setAttribute("role", "toolbar");
    this.root.ariaLive = "off";
    this.picker.append(...REACTIONS.map((reaction) => this.choice(reaction)));
    this.root.append(react, this.picker, reply, edit, withdraw);
    onUse(react, () => this.pick(this.picker.hidden !== false));
    onUse(reply, () => this.message && uses.reply(this.message));
    onUse(edit, () => this.message && uses.edit(this.message));
    onUse(withdraw, () => this.message && uses.withdraw(this.message));
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.pick(false);
  }

  /** Stands at a message; it leaves no one who is using it. */
  place(row: HTMLElement, message: Message, author: string): void {
    const moved = row !== this.row;
    if (moved && this.root.contains(document.activeElement)) return;
    if (moved) this.reach(row);
    this.message = message;
    this.root.hidden = message.text === null;
    this.root.setAttribute("aria-label", chat.actions(author));
    const hindrances = this.uses.hindrances(message);
    this.buttons.edit.hidden = !hindrances.own;
    for (const name of ["react", "reply", "edit", "withdraw"] as const) grey(this.buttons[name], hindrances[name], LACKING[name]);
  }

  private reach(row: HTMLElement): void {
    for (const button of this.row?.querySelectorAll<HTMLElement>("[data-act]") ?? []) button.tabIndex = -1;
    for (const button of row.querySelectorAll<HTMLElement>("[data-act]")) button.tabIndex = 0;
    this.row = row;
    this.pick(false);
    row.append(this.root);
  }

  private choice(reaction: string): HTMLElement {
    const button = tool(reaction);
    button.setAttribute("aria-label", chat.reactWith(reaction));
    button.addEventListener("click", () => {
      this.pick(false);
      if (this.message !== null) this.uses.react(this.message, reaction);
    });
    return button;
  }

  private pick(open: boolean): void {
    const inside = this.picker.contains(document.activeElement);
    this.picker.hidden = !open;
    this.buttons.react.ariaExpanded = String(open);
    this.root.classList.toggle("picking", open);
    if (open) (this.picker.firstElementChild as HTMLElement | null)?.focus();
    else if (inside) this.buttons.react.focus();
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || this.picker.hidden) return;
    event.stopPropagation();
    this.pick(false);
  }
}

function tool(words: string): HTMLButtonElement {
  const button = el("button", "", words);
  button.type = "button";
  return button;
}
