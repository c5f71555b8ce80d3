import type { State } from "../state/reducer";
import { page } from "../strings";
import type { Tabs } from "./tabs";

const CHAT = "chat-panel";
const MOST_SHOWN = 99;

/** Counts, at the chat's tab, what others said while another tab was in front. */
export class Unread {
  /** The place in the log up to which everything was seen. */
  private seen: number | null = null;
  private shown = 0;

  constructor(
    private readonly me: string,
    private readonly tabs: Tabs,
  ) {}

  show({ room, log }: State): void {
    if (this.seen === null || this.tabs.isSelected(CHAT)) this.seen = room.seq;
    const count = unread(log, this.seen, this.me);
    if (count === this.shown) return;
    this.shown = count;
    const text = count > MOST_SHOWN ? `${MOST_SHOWN}+` : String(count);
    this.tabs.mark(CHAT, count === 0 ? "" : text, page.unread(count));
  }
}

/** How many messages of others came after a place in the log. */
export function unread(log: State["log"], seen: number, me: string): number {
  return log.filter(({ seq, type, actor }) => seq > seen && type === "chat.posted" && actor?.id !== me).length;
}
