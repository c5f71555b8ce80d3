import type { History } from "../state/history";
import type { State } from "../state/reducer";
import type { Message } from "../state/reducer_chat";
import type { Permission } from "../state/permissions";
import { refusal } from "../state/rights";
import type { Command } from "../state/types";
import { whyNot } from "../state/why_not";
import { chat } from "../strings";
import { ChatComposer } from "./chat_composer";
import { chatLines, type Line } from "./chat_lines";
import { ChatScroll } from "./chat_scroll";
import { ChatUnread } from "./chat_unread";
import { confirm } from "./confirm";
import { byId } from "./dom";
import { KeyedList } from "./keyed_list";
import { lineRow } from "./line_row";
import { MessageEdit } from "./message_edit";
import { MessageKeys } from "./message_keys";
import { MessageTools, type Hindrances } from "./message_tools";
import { namesOf } from "./names";
import type { Names } from "./note";
import { grey, mayUse } from "./permitted";
import { complain } from "./toast";
import type { Typing } from "./typing";

export interface ChatUses {
  send(command: Command): Promise<boolean>;
  /** Brings the room to a time of the medium. */
  seekTo(ms: number): void;
}

/** One's own message, come after all, is looked for among so many. */
const LATEST = 200;

/** The chat: what people say, and between it what they do. */
export class Chat {
  private readonly box = byId("messages", HTMLElement);
  private readonly panel = byId("chat-panel", HTMLElement);
  private readonly newest = byId("to-newest", HTMLButtonElement);
  private readonly older = byId("older-messages", HTMLButtonElement);
  private readonly notes = byId("show-notes", HTMLInputElement);
  private readonly list: KeyedList<Line>;
  private readonly scroll: ChatScroll;
  private readonly unread: ChatUnread;
  private readonly composer: ChatComposer;
  private readonly tools: MessageTools;
  private readonly edit = new MessageEdit((message, text) =>
    this.uses.send({ type: "chat.edit", message_id: message.id, text }),
  );
  private state: State | null = null;
  private names: Names | null = null;
  private lines: readonly Line[] = [];
  /** What comes after this place is said now, and read out. */
  private heard: number | null = null;

  constructor(
    private readonly me: string,
    private readonly history: History,
    private readonly uses: ChatUses,
    typing: Typing,
  ) {
    const list = byId("lines", HTMLElement);
    this.unread = new ChatUnread(me);
    this.list = new KeyedList(list, ({ key }) => key, (line) => this.row(line));
    this.scroll = new ChatScroll(this.box, list, () => this.scrolled());
    this.composer = new ChatComposer(uses.send, typing, () => this.editLast(), () => this.posted());
    this.tools = new MessageTools({
      hindrances: (message) => this.hindrances(message),
      react: (message, reaction) => this.react(message, reaction),
      reply: (message) => this.composer.reply(message, this.author(message)),
      edit: (message) => this.beginEdit(message),
      withdraw: (message) => void this.withdraw(message),
    });
    new MessageKeys(this.box, (row) => this.placeTools(row), () => this.composer.focus());
    history.watch(() => this.render());
    this.box.addEventListener("click", (event) => this.clicked(event));
    this.notes.addEventListener("change", () => this.render());
    this.older.addEventListener("click", () => void this.readOlder());
    this.newest.addEventListener("click", () => this.toNewest());
    document.addEventListener("visibilitychange", () => this.render());
  }

  show(state: State): void {
    this.state = state;
    this.names = namesOf(this.history, state);
    this.composer.permit(this.why("chat.send"));
    this.render();
  }

  private render(): void {
    if (this.state === null || this.names === null) return;
    const { events, messages } = this.history;
    const mark = this.unread.take(messages, this.attended());
    this.lines = chatLines({ events, messages, names: this.names, mark, notes: this.notes.checked });
    this.scroll.keep(() => this.list.update(this.lines));
    const { heard } = this;
    for (const { author, seq, text } of messages.slice(-LATEST)) {
      if (heard !== null && seq > heard && author === this.me && text !== null) this.composer.arrived(text);
    }
    this.heard = this.history.last;
    this.greyStamps();
    this.showEdges();
    if (this.scroll.nearStart && !this.scroll.atEnd) void this.readOlder();
  }

  /** What stands before the first line and after the last. */
  private showEdges(): void {
    byId("no-messages", HTMLElement).hidden = this.history.messages.length > 0 || this.history.hasOlder;
    this.older.hidden = !this.history.hasOlder;
    this.newest.hidden = this.scroll.atEnd;
    const label = chat.newest(this.unread.count);
    if (this.newest.textContent !== label) this.newest.textContent = label;
  }

  private attended(): boolean {
    return document.visibilityState === "visible" && this.scroll.atEnd && !this.panel.hasAttribute("data-away");
  }

  private scrolled(): void {
    if (this.scroll.atEnd && this.unread.count > 0) return this.render();
    this.showEdges();
    if (this.scroll.nearStart && !this.scroll.atEnd) void this.readOlder();
  }

  private async readOlder(): Promise<void> {
    if (!this.history.hasOlder || this.older.disabled) return;
    this.older.disabled = true;
    try {
      await this.history.older();
    } catch {
      complain(new Error(chat.olderFailed));
    } finally {
      this.older.disabled = false;
    }
  }

  private toNewest(): void {
    this.scroll.toEnd();
    this.render();
    this.composer.focus();
  }

  private posted(): void {
    this.unread.clear();
    this.scroll.toEnd();
    this.render();
  }

  private row(line: Line) {
    const loud = this.heard !== null && line.kind === "message" && line.message.seq > this.heard && line.message.author !== this.me;
    return lineRow(line, this.me, () => this.names as Names, loud);
  }

  private message(id: string | undefined): Message | null {
    return this.history.messages.find((message) => message.id === id) ?? null;
  }

  private author({ author }: Message): string {
    return this.names?.person(author) ?? chat.someone;
  }

  private placeTools(row: HTMLElement): void {
    const message = this.message(row.dataset["id"]);
    if (message !== null) this.tools.place(row, message, this.author(message));
  }

  private why(permission: Permission): string | null {
    return this.state === null ? null : whyNot(refusal(this.state.room, this.me, permission));
  }

  private hindrances({ author }: Message): Hindrances {
    const own = author === this.me;
    const say = this.why("chat.send");
    const withdraw = own ? null : this.why("chat.delete_any");
    return { own, react: this.why("chat.react"), reply: say, edit: say, withdraw };
  }

  private clicked({ target }: Event): void {
    const button = (target as Element).closest<HTMLButtonElement>("button[data-act]");
    if (button === null || !mayUse(button)) return;
    const { act, to, ms, reaction } = button.dataset;
    if (act === "seek") this.uses.seekTo(Number(ms));
    if (act === "quote") this.jumpTo(to ?? "");
    const message = this.message(button.closest<HTMLElement>("li")?.dataset["id"]);
    if (act === "react" && message !== null && reaction !== undefined) this.react(message, reaction);
  }

  private jumpTo(id: string): void {
    const original = this.list.element(id);
    if (original !== null) this.scroll.show(original);
    else if (this.history.hasOlder) void this.readOlder().then(() => this.list.element(id) && this.jumpTo(id));
  }

  private react(message: Message, reaction: string): void {
    const on = !message.reactions[reaction]?.includes(this.me);
    void this.uses.send({ type: "chat.react", message_id: message.id, reaction, on });
  }

  private editLast(): void {
    const last = this.history.messages.filter(({ author, text }) => author === this.me && text !== null).at(-1);
    if (last !== undefined) this.beginEdit(last);
  }

  private beginEdit(message: Message): void {
    const row = this.list.element(message.id);
    if (row !== null) this.edit.begin(row, message);
  }

  private async withdraw(message: Message): Promise<void> {
    const answer = await confirm({ title: chat.withdrawTitle, text: chat.withdrawText, go: chat.withdraw });
    if (answer !== null) await this.uses.send({ type: "chat.redact", message_id: message.id });
  }

  private greyStamps(): void {
    const nothing = this.state?.room.playback.item_id === null;
    const why = nothing ? chat.nothingToSeek : this.why("playback.control");
    for (const stamp of this.box.querySelectorAll<HTMLButtonElement>(".stamp")) {
      if ((stamp.title || null) !== why) grey(stamp, why, nothing ? undefined : "playback.control");
    }
  }
}
