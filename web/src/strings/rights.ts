import { article, capital, counted } from "./words";

/** Why somebody may not do something. */
export const refused = {
  not_a_member: "You are not a member of this room.",
  closed: "The room is closed.",
  role: (needed: string) => (needed === "owner" ? "Only the room's owner may do this." : `Only ${needed}s and above may do this.`),
  control: (needed: string) => `This room leaves playback to ${needed === "owner" ? "its owner" : `${needed}s and above`}.`,
  room_override: (role: string) => `This room does not let ${role}s do this.`,
  member_override: "Somebody took this right from you in particular.",
  muted: (until: string | null) => (until === null ? "You are muted until somebody lifts it." : `You are muted until ${until}.`),
  ceiling: (needed: string, lowest: string): string =>
    needed === lowest ? refused.role(needed) : `Only ${needed}s and above may do this. Nobody below ${lowest}s can be given it.`,
  chat: "Chat is switched off in this room.",
  reactions: "Reactions are switched off in this room.",
  rank: "Only somebody with a higher role may do this.",
  oneself: "You cannot do this to yourself.",
};

/** What a sentence about a layer of rules is made of. */
interface Ruled {
  name: string;
  /** It is about who reads it. */
  you: boolean;
  /** What the layer is set to: a role, a choice. */
  value: string;
  effect: "allow" | "deny" | "none";
}

const subjectIs = ({ name, you }: Pick<Ruled, "name" | "you">) => (you ? "You are" : `${name} is`);

const whose = ({ name, you }: Pick<Ruled, "name" | "you">) => (you ? "Your" : `${name}’s`);

export const whyPanel = {
  why: "Why?",
  close: "Close",
  loading: "Asking the server…",
  asking: ({ name, you }: Pick<Ruled, "name" | "you">, right: string) => (you ? `May you ${right}?` : `May ${name} ${right}?`),
  may: ({ name, you }: Pick<Ruled, "name" | "you">, right: string) => `Why ${you ? "you" : name} may ${right}`,
  mayNot: ({ name, you }: Pick<Ruled, "name" | "you">, right: string) => `Why ${you ? "you" : name} may not ${right}`,
  settles: "decides",
  setBy: (who: string, when: string) => (who === "" ? when : `${who}, ${when}`),
  event: (seq: number) => `event #${seq}`,
  /** After “may”. */
  rights: {
    "playback.control": "play, pause and seek",
    "playback.navigate": "choose what plays",
    "playback.rate": "change the speed",
    "queue.add": "add videos",
    "queue.edit_own": "change their own videos",
    "queue.edit_any": "change everybody’s videos",
    "queue.clear": "clear the playlist",
    "chat.send": "write messages",
    "chat.react": "react to messages",
    "chat.delete_any": "withdraw everybody’s messages",
    "members.invite": "make invites",
    "members.review": "let people in",
    "members.mute": "mute people",
    "members.kick": "remove people",
    "members.ban": "ban people",
    "live.publish": "publish live streams",
    "live.stop": "stop everybody’s live stream",
    "roles.assign": "give roles",
    "permissions.override": "change single rights",
    "room.settings": "change the settings",
    "room.join_rule": "change who gets in",
    "room.close": "close the room",
    "room.transfer": "give the room away",
  } as Readonly<Record<string, string>>,
  /** By the name of the layer. */
  layers: {
    role: (told: Ruled) => `${subjectIs(told)} ${article(told.value)} ${told.value}, a role ${told.effect === "allow" ? "with" : "without"} this right.`,
    control: ({ value, effect }: Ruled) =>
      effect === "none" && value === "everyone"
        ? "The room leaves playback to everybody."
        : `The room leaves playback to ${value === "owner" ? "its owner" : "moderators and above"}.`,
    room_override: ({ value, effect }: Ruled) => `The room ${effect === "allow" ? "lets" : "does not let"} ${value}s do this.`,
    member_override: ({ name, you, effect }: Ruled) =>
      effect === "allow" ? `It was allowed to ${you ? "you" : name} in particular.` : `It was taken from ${you ? "you" : name} in particular.`,
    muted: (told: Ruled) => `${subjectIs(told)} muted.`,
    ceiling: ({ value }: Ruled) => `No room can give this right to ${value}s.`,
    capability: ({ value, effect }: Ruled) =>
      `${value === "reactions" ? "Reactions are" : "Chat is"} switched ${effect === "deny" ? "off" : "on"} in this room.`,
    closed: () => "The room is closed.",
    membership: (told: Ruled) => `${subjectIs(told)} not a member of this room.`,
    banned: (told: Ruled) => `${subjectIs(told)} banned from this room.`,
    rank: (told: Ruled) => `${whose(told)} role, ${told.value}, is not above the one that this is about.`,
    own: () => "It belongs to somebody else.",
    system: () => "The server itself may do everything.",
  } as Readonly<Record<string, (told: Ruled) => string>>,
};

export const rights = {
  /** By the part of the rights' names before the dot. */
  groups: { playback: "Playback", queue: "Playlist", chat: "Chat", members: "People", live: "Live", room: "Room" } as Readonly<Record<string, string>>,
  names: Object.fromEntries(Object.entries(whyPanel.rights).map(([right, words]) => [right, capital(words)])) as Readonly<Record<string, string>>,
  stances: { usual: "As the role has it", allow: "Allowed", deny: "Denied" },
  may: "may",
  mayNot: "may not",
  result: (name: string, right: string, may: boolean) => `${right}: ${name} ${may ? "may" : "may not"}. Why?`,
  allowed: (list: string) => `allowed: ${list}`,
  denied: (list: string) => `denied: ${list}`,
  asUsual: "as usual",
  ofRoles: "Rights of roles",
  tableHint: "Press a field to allow, to deny, or to leave a right as a role usually has it. The owner has every right.",
  short: { admin: "Admins", moderator: "Mods", member: "Members", guest: "Guests" },
  cell: (right: string, role: string, stance: string, may: boolean) => `${right}: ${role}s ${may ? "may" : "may not"}. ${stance}`,
  never: (role: string) => `${capital(role)}s can never have this right.`,
  notOwn: "You do not have this right yourself, so you cannot give or take it.",
  changes: (count: number) => counted(count, "change"),
  save: "Save",
  undo: "Undo",
  conflict: (by: string, what: string) => `${by} changed ${what} meanwhile.`,
  keepMine: "Keep mine",
  takeTheirs: "Take theirs",
};

export const problems = {
  denied: "You may not do this in this room.",
  /** By the layer of the room's rules that decided. */
  deniedBy: {
    capability: "This room has that switched off.",
    control: "In this room only some may steer playback. The owner can change that in the settings.",
    role: "Your role in this room is too low for this. Ask the owner for another one.",
    room_override: "This room does not give that right to your role.",
    member_override: "This right was taken from you in particular.",
    muted: "You are muted.",
    ceiling: "No room can give this right to your role.",
    rank: "You may do this only to somebody of a lower role than yours.",
    own: "You may do this only to what is yours.",
  } as Readonly<Record<string, string>>,
  /** By the code, where the page says it better than the server. */
  byCode: {
    live_key_not_found: "This stream key is not there any more: it was revoked or has expired.",
    already_live: "Somebody else is live already. Their stream has to end first.",
    not_live: "There is no live stream in this room now.",
    live_elsewhere: "Another server has this live stream.",
  } as Readonly<Record<string, string>>,
  tooFast: (seconds: number) => `That was too much at once. Try again in ${seconds} s.`,
};
