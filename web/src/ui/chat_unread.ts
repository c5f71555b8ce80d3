import type { Message } from "../state/reducer_chat";

/** Where the unread messages begin, and how many there are. */
export interface Mark {
  after: number;
  count: number;
}

/** Which messages of others arrived while nobody looked. */
export class ChatUnread {
  private seen: number | null = null;
  private mark: Mark | null = null;
  private attending = true;

  constructor(private readonly me: string) {}

  /** How many were not looked at yet. */
  get count(): number {
    return this.attending ? 0 : (this.mark?.count ?? 0);
  }

  /** The mark stays, for whoever comes back, until the next absence. */
  take(messages: readonly Message[], attending: boolean): Mark | null {
    const newest = messages.at(-1)?.seq ?? 0;
    // What was said before this page was opened counts as read.
    this.seen ??= newest;
    if (this.attending && !attending) this.mark = null;
    this.attending = attending;
    const { seen } = this;
    const unread = messages.filter(({ seq, author }) => seq > seen && author !== this.me).length;
    if (!attending && unread > 0) this.mark = { after: seen, count: unread };
    if (attending) this.seen = Math.max(seen, newest);
    return this.mark;
  }

  /** Who writes has read. */
  clear(): void {
    this.mark = null;
  }
}
