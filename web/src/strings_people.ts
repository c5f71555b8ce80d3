/** The texts about who is in a room, how they come in, and what they may do. */

import { article, because, capital, counted } from "./strings_words";

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
    membership: (told: Ruled) => `${subjectIs(told)} not a member of this room.`,
    banned: (told: Ruled) => `${subjectIs(told)} banned from this room.`,
    rank: (told: Ruled) => `${whose(told)} role, ${told.value}, is not above the one that this is about.`,
    own: () => "It belongs to somebody else.",
    system: () => "The server itself may do everything.",
  } as Readonly<Record<string, (told: Ruled) => string>>,
};

export const rights = {
  /** By the part of the rights' names before the dot. */
  groups: { playback: "Playback", queue: "Playlist", chat: "Chat", members: "People", room: "Room" } as Readonly<Record<string, string>>,
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

export const members = {
  you: "you",
  presence: {
    online: "online",
    active: "active",
    ready: "ready",
    buffering: "buffering",
    away: "away",
    offline: "offline",
  },
  roles: { owner: "owner", admin: "admin", moderator: "moderator", member: "member", guest: "guest" } as Readonly<Record<string, string>>,
  skew(ms: number): string {
    if (Math.abs(ms) < 40) return `in step · ${ms} ms`;
    return ms < 0 ? `${-ms} ms behind` : `${ms} ms ahead`;
  },
  skewTitle: (rtt: number, buffered: number) => `round trip ${rtt} ms, ${(buffered / 1000).toFixed(1)} s buffered`,
  together: (half: number, most: number) => `Off by ${half} ms (p50), ${most} ms (p95)`,
  alone: "You are alone here. Send the room's link to somebody.",
  copy: "Copy room link",
  more: (name: string) => `Rights of ${name}, and actions`,
  moreOwn: "Your rights",
  ownRights: "own rights",
  muted: "muted",
  mutedUntil: (until: string) => `muted until ${until}`,
  offered: "may become the owner",
  actions: "What to do",
  yourself: "you",
  rightsTitle: (name: string, you: boolean) => (you ? "What you may do" : `What ${name} may do`),
  rightsHint: "Press what comes of it to see why.",
  theseRights: "these rights",
  role: "Role",
  roleTitle: (name: string, role: string) => `Make ${name} ${role === "admin" ? "an" : "a"} ${role}?`,
  roleText: "What they may do changes at once.",
  roleDone: "Change role",
  kick: "Remove from the room",
  kickTitle: (name: string) => `Remove ${name} from the room?`,
  kickText: "They are shown out at once. After a while they may come again, if the room lets them.",
  ban: "Ban",
  banTitle: (name: string) => `Ban ${name} from the room?`,
  banText: "They are shown out at once, and do not get in by any way.",
  mute: "Mute…",
  unmute: "Unmute",
  muteTitle: (name: string) => `Mute ${name}?`,
  muteText: "They see everything, but cannot write or react.",
  muteDone: "Mute",
  offer: "Offer the room…",
  withdrawOffer: "Withdraw the offer of the room",
  offerTitle: (name: string) => `Offer the room to ${name}?`,
  offerText: "Once they accept, the room is theirs and you are an admin. Until then you can withdraw the offer.",
  offerDone: "Offer the room",
  reason: "Reason (may be left empty)",
};

/** What is told at once to the one whom it is about. */
export const concerns = {
  knocks: (name: string) => `${name} would like to come in.`,
  muted: (by: string, until: string, reason: string) => `${by} muted you${until === "" ? "" : ` until ${until}`}${because(reason)}`,
  unmuted: (by: string) => `${by} lets you speak again.`,
  role: (by: string, role: string) => `${by} made you ${article(role)} ${role}.`,
  rights: (by: string, rights: string) => `${by} changed your rights: ${rights}.`,
  offered: (by: string) => `${by} offers you this room. You can take it under Members.`,
  tookRoom: (by: string) => `${by} took the room: it is theirs now, and you are an admin.`,
};

export const doors = {
  waiting: (count: number) => (count === 1 ? "1 person waits to be let in" : `${count} people wait to be let in`),
  knocking: "Waiting to be let in",
  approve: "Let in",
  approveWho: (name: string) => `Let in: ${name}`,
  reject: "Send away",
  rejectWho: (name: string) => `Send away: ${name}`,
  offeredToYou: (owner: string) => `${owner} offers you this room.`,
  youOffered: (name: string) => `You offered the room to ${name}.`,
  offered: (owner: string, name: string) => `${owner} offered the room to ${name}.`,
  accept: "Take the room",
  acceptTitle: "Become the owner of this room?",
  acceptText: "You may then do everything in it. The owner until now becomes an admin.",
  withdraw: "Withdraw the offer",
  invitePeople: "Invite people",
  bansCount: (count: number) => (count === 0 ? "Bans" : `Bans (${count})`),
  expel: "Remove all guests",
  expelTitle: (count: number) => `Remove ${counted(count, "guest")} from the room?`,
  expelText: "All without an account and all with the role of a guest are shown out at once, but for moderators and admins.",
  expelDone: (count: number) => `Remove ${counted(count, "guest")}`,
  invites: "Invites",
  newInvite: "New invite",
  presentInvites: "Invites that can be used",
  noInvites: "There are none.",
  maxUses: "Lets in",
  uses: (count: number) => (count === 1 ? "One person" : `${count} people`),
  anyUses: "Any number",
  goodFor: "Good for",
  as: "As",
  usualRole: (role: string) => `${role}, as everybody`,
  makeInvite: "Make the link",
  inviteLink: "Link of the invite",
  copy: "Copy",
  copied: "Copied. Keep it safe: it is not shown again.",
  copyByHand: "Copy it now: it is not shown again.",
  used: (uses: number, max: number | null) => (max === null ? `Used ${counted(uses, "time")}` : `${uses} of ${max} used`),
  invite: (by: string, until: string, role: string) => `By ${by}, good until ${until}${role === "" ? "" : `, as ${article(role)} ${role}`}`,
  revoke: "Revoke",
  revokeOf: (by: string) => `Revoke this invite of ${by}`,
  bans: "Bans",
  noBans: "Nobody is banned.",
  stranger: "Somebody",
  banned: (by: string, reason: string, until: string) =>
    `By ${by}${reason === "" ? "" : `: “${reason}”`}${until === "" ? ", for good" : `, until ${until}`}`,
  lift: "Lift the ban",
  liftOf: (name: string) => `Lift the ban of ${name}`,
};

/** How long something holds, by the command; `usual` names no end. */
export const spans = {
  "member.mute": { label: "How long", usual: "Until somebody lifts it" },
  "member.kick": { label: "May not come again for", usual: "A minute" },
  "member.ban": { label: "How long", usual: "Until somebody lifts it" },
  names: { tenMinutes: "10 minutes", hour: "An hour", halfDay: "12 hours", day: "A day", week: "A week" },
} as const;
