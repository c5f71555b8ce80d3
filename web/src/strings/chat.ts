import { counted, listed } from "./words";

/** What a sentence about events of one kind is made of. */
interface Told {
  who: string;
  /** To where, of what, by what. */
  detail: string;
  count: number;
  /** There is more than one person. */
  many: boolean;
}

const repeated = ({ count }: Told, often: string) => (count === 1 ? "" : ` ${count} times, ${often}`);

const toggled = ({ who, detail, count }: Told, last: string) =>
  count === 1 ? `${who} ${last} at ${detail}` : `${who} played and paused ${count} times, last ${last} at ${detail}`;

const several = (what: string) => ({ who, detail, count }: Told) =>
  count === 1 ? `${who} ${what} ${detail}` : `${who} ${what} ${count} videos, last ${detail}`;

const by = (who: string, done: string, passive: string) => (who === "" ? passive : `${who} ${done}`);

export const chat = {
  someone: "someone",
  something: "a video",
  list: (names: readonly string[]) => listed.format(names),
  times: (rate: number) => `${rate}×`,
  modes: { sequential: "one after the other", repeat_one: "repeat one", repeat_all: "repeat all", shuffle: "shuffle" } as Readonly<
    Record<string, string>
  >,
  madeRole: (member: string, role: string) => `${member} ${role === "admin" ? "an" : "a"} ${role}`,
  until: (what: string, until: string) => (until === "" ? what : `${what} until ${until}`),
  about: (what: string, said: string) => (said === "" ? what : `${what}: ${said}`),
  guests: (count: number) => counted(count, "guest"),
  /** The lines that events are, by what happened. */
  notes: {
    created: ({ who }: Told) => `${who} opened this room`,
    renamed: ({ who, detail }: Told) => `${who} renamed the room to ${detail}`,
    settings: ({ who }: Told) => `${who} changed the room's settings`,
    closed: ({ who }: Told) => by(who, "closed the room", "The room was closed"),
    reopened: ({ who }: Told) => by(who, "reopened the room", "The room was reopened"),
    joined: ({ who }: Told) => `${who} joined`,
    left: ({ who }: Told) => `${who} left`,
    kicked: ({ who, detail }: Told) => `${who} removed ${detail} from the room`,
    role: ({ who, detail }: Told) => `${who} made ${detail}`,
    rule: ({ who, detail }: Told) => `${who} changed who gets in: ${detail}`,
    knocked: ({ who, many }: Told) => `${who} ${many ? "ask" : "asks"} to come in`,
    approved: ({ who, detail }: Told) => `${who} let ${detail} in`,
    rejected: ({ who, detail }: Told) => `${who} sent away ${detail}`,
    banned: ({ who, detail }: Told) => `${who} banned ${detail}`,
    unbanned: ({ who, detail }: Told) => `${who} lifted the ban of ${detail}`,
    muted: ({ who, detail }: Told) => `${who} muted ${detail}`,
    unmuted: ({ who, detail }: Told) => `${who} lets ${detail} speak again`,
    rights: ({ who, detail }: Told) => `${who} changed the rights of ${detail}`,
    offered: ({ who, detail }: Told) => (detail === "" ? `${who} withdrew the offer of the room` : `${who} offered the room to ${detail}`),
    transferred: ({ who }: Told) => `${who} is the owner of this room now`,
    expelled: ({ who, detail }: Told) => `${who} removed ${detail}`,
    added: several("added"),
    removed: several("removed"),
    moved: several("moved"),
    retitled: ({ who, detail }: Told) => `${who} renamed a video to ${detail}`,
    cleared: ({ who }: Told) => `${who} cleared the playlist`,
    selected: ({ who, detail }: Told) => by(who, `chose ${detail}`, `Next: ${detail}`),
    played: (told: Told) => toggled(told, "played"),
    paused: (told: Told) => toggled(told, "paused"),
    jumped: (told: Told) => `${told.who} jumped${repeated(told, "last")} to ${told.detail}`,
    rate: (told: Told) => `${told.who} changed the speed${repeated(told, "last")} to ${told.detail}`,
    mode: (told: Told) => `${told.who} changed what comes next${repeated(told, "last")} to: ${told.detail}`,
    waiting: ({ detail }: Told) => `Waiting for ${detail}`,
    released: () => "Going on",
    exempt: ({ detail }: Told) => `${detail} keeps stalling and is not waited for`,
    asked: ({ who }: Told) => `${who} asks who is ready`,
    ready: ({ who, many }: Told) => `${who} ${many ? "are" : "is"} ready`,
    unready: ({ who, many }: Told) => `${who} ${many ? "are" : "is"} not ready`,
    cancelled: ({ who }: Told) => by(who, "called the ready check off", "The ready check ended"),
    live: ({ who }: Told) => `${who} is live`,
    liveOver: ({ who, detail }: Told) => by(who, `stopped the live stream`, `The live stream is over${detail}`),
  },
  /** Why a live stream ended, after that it did. */
  liveEnds: {
    disconnected: ": the publisher lost the connection",
    silent: ": nothing came from the publisher any more",
    malformed: ": what the publisher sent could not be read",
    replaced: ": the publisher connects again",
    key_revoked: ": its key is not good any more",
    not_allowed: ": the publisher may not publish any more",
    room_closed: ": the room was closed",
    node_gone: ": the server that had it is gone",
  } as Readonly<Record<string, string>>,
  say: "Say something",
  message: "Message",
  send: "Send",
  noReply: "Reply to nobody",
  showNotes: "Room events",
  typing(names: readonly string[]): string {
    if (names.length === 0) return "";
    if (names.length > 2) return "Several people are typing…";
    return `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} typing…`;
  },
  today: "Today",
  yesterday: "Yesterday",
  edited: "(edited)",
  withdrawn: "This message was withdrawn.",
  gone: "a message that is not shown here",
  unread: (count: number) => `${count} new`,
  newest: (count: number) => (count === 0 ? "Newest ↓" : `${counted(count, "new message")} ↓`),
  older: "Earlier messages",
  olderFailed: "The earlier messages could not be read.",
  empty: "Nobody has said anything yet. Say hello, or write a time like 1:23 to link to it.",
  actions: (author: string) => `What to do with the message of ${author}`,
  react: "React",
  reactWith: (reaction: string) => `React with ${reaction}`,
  reactions: (reaction: string, names: readonly string[]) => `${reaction} by ${listed.format(names)}`,
  reply: "Reply",
  replyingTo: (author: string, text: string) => `Reply to ${author}: ${text}`,
  edit: "Edit",
  editing: "The message's new text",
  save: "Save",
  cancel: "Cancel",
  withdraw: "Withdraw",
  withdrawTitle: "Withdraw this message?",
  withdrawText: "Its text is gone for everybody, for good.",
  toOriginal: (author: string, text: string) => `To the message of ${author}: ${text}`,
  seek: (time: string) => `Jump to ${time} for everybody`,
  nothingToSeek: "Nothing is selected to jump in.",
};

export const confirmation = { cancel: "Cancel" };
