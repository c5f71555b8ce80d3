/** Every text that the page itself says, by the part that says it. */

export const page = {
  home: "SyncTV, to the start",
  copyLink: "Copy link",
  linkCopied: "The room's link is copied.",
  linkPrompt: "The room's link:",
  closed: "This room is closed: it can be looked at, but nothing in it changes.",
  side: "Of this room",
  chat: "Chat",
  playlist: "Playlist",
  members: "Members",
  timeline: "Timeline",
  unread: (count: number) => (count === 1 ? "1 new message" : `${count} new messages`),
};

export const gate = {
  create: {
    title: "Watch together, in step",
    intro: "Create a room, send its link to your friends, and press play once for everybody.",
    submit: "Create the room",
  },
  join: {
    title: "You are invited to a room",
    intro: "Say who you are and come in. No account is needed.",
    submit: "Join",
  },
  invited: {
    title: "You are invited",
    intro: "This link lets you in. Say who you are; no account is needed.",
    submit: "Join",
  },
  back: { title: "You are not in the room", intro: "Come back if you like.", submit: "Join again" },
  locked: { title: "This room asks for a password", intro: "Whoever sent you the link knows it.", submit: "Join" },
  knock: { title: "Somebody has to let you in", intro: "Ask to come in, and say who you are if your name does not.", submit: "Ask to come in" },
  password: "Password of the room",
  message: "Message to those inside (may be left empty)",
  rule: "Who gets in",
  newPassword: "Password of the room",
  passwordMissing: "Choose a password that you give to your friends.",
  passwordWrong: "This is not the password.",
  passwordTooOften: (seconds: number) => `Too many attempts. Try again in ${seconds} s.`,
  waiting: {
    title: "Waiting to be let in",
    intro: "You asked to come in.",
    text: (minutes: number) => (minutes === 0 ? "Nobody has answered yet." : `Nobody has answered for ${minutes} min.`),
    hint: "As soon as somebody lets you in, this page goes on by itself.",
    stop: "Stop waiting",
  },
  name: "Your name",
  roomName: "Name of the room",
  listed: "Show it in the public list of rooms",
  listedHint: "Otherwise only who has the link finds it.",
  orJoin: "Do you have a link?",
  link: "Link of a room",
  linkExample: "…/r/room_…",
  open: "Open",
  another: "Create a room of your own",
  nameMissing: "Say who you are: the others see this name.",
  roomNameMissing: "Give the room a name.",
  noRoomLink: "This is no link of a room: it ends in /r/room_ and 26 letters and digits.",
};

/** Why somebody is at the gate, or does not get through it. */
export const reasons = {
  kicked: (by: string, reason: string) => `${by} removed you from the room${because(reason)}`,
  banned: (by: string, reason: string) => `${by} banned you from the room${because(reason)}`,
  expelled: "Guests were asked to leave this room.",
  left: "You left the room, perhaps in another tab.",
  removed: "You are no longer a member of this room.",
  somebody: "Somebody",
  tokenOver: "Your session is over. Join again to go on.",
  closed: "This room is closed.",
  ended: (why: string) => `The server ended the connection (${why}). Reload the page to come back.`,
  full: "This room is full. Try again when somebody has left.",
  bannedUntil: (until: string) => (until === "" ? "You are banned from this room." : `You are banned from this room until ${until}.`),
  sentAway: (until: string) => `You were sent away. You can try again at ${until}.`,
  inviteOnly: "Only who has an invite gets into this room. Ask somebody in it for one.",
  badInvite: "This invite is not good any more: it was revoked, used up or has expired. Ask for another one.",
  tooOften: (seconds: number) => `That was too often. Try again in ${seconds} s.`,
  noRoom: "There is no such room. Ask for the link again.",
  notLetIn: "This room does not let you in: it takes more than its link.",
  passwordChanged: "The password was changed at this moment. Ask for the new one.",
  unreachable: "The server cannot be reached. Is there a connection?",
};

function because(reason: string): string {
  return reason === "" ? "." : `: “${reason}”`;
}

export const connection = {
  state: "Connection",
  transport: "Commands by",
  place: "Place in the log",
  away: "Round trip",
  tryNow: "Try now",
  states: {
    connecting: "Connecting…",
    waiting: "Reconnecting…",
    live: "Live",
    offline: "Offline",
    ended: "Ended",
  },
  news: {
    waiting: "The connection is lost; it is being made again.",
    live: "Connected again.",
    offline: "You are offline.",
    ended: "The connection has ended.",
  },
  waiting: (seconds: number) => `Reconnecting in ${seconds} s`,
  socket: "WebSocket",
  calls: "HTTP, until the WebSocket is back",
  unknown: "unknown",
  ms: (ms: number) => `${ms} ms`,
  recovered: (events: number) => (events === 1 ? "Recovered 1 missed event." : `Recovered ${events} missed events.`),
  reloaded: "Reloaded the room from a snapshot.",
};

export const player = {
  play: "Play for everybody",
  pause: "Pause for everybody",
  section: "Player",
  video: "The video of the room",
  nothing: "Nothing is selected. Add a video to the playlist and choose it.",
  emptyPlaylist: "The playlist is empty. Add a video first.",
  live: "Live",
  retry: "Try again",
  start: "Start watching",
  tapToUnmute: "Tap to unmute",
  shared: "For everybody in the room",
  sharedShort: "Room",
  own: "For you only",
  ownShort: "You",
  previous: "Previous video for everybody",
  next: "Next video for everybody",
  seek: "Position, for everybody",
  speed: "Speed, for everybody",
  order: "Order of the playlist, for everybody",
  volume: "Volume",
  captions: "Captions",
  quality: "Quality",
  shortcuts: "Keys",
  singleKeys: "These keys work (Esc always does)",
  close: "Close",
  mute: "Mute",
  unmute: "Unmute",
  captionsOff: "No captions",
  captionsOn: (language: string) => `Captions: ${language}`,
  qualityAuto: "Auto quality",
  enterPip: "Picture in picture",
  leavePip: "Leave picture in picture",
  enterFullscreen: "Full screen",
  leaveFullscreen: "Leave full screen",
  enterTheatre: "Wide player",
  leaveTheatre: "Leave the wide player",
  modes: { sequential: "In order", repeat_one: "Repeat one", repeat_all: "Repeat all", shuffle: "Shuffle" },
  rate: (factor: number) => `${factor}×`,
  position: (at: string, of: string | null) => (of === null ? at : `${at} of ${of}`),
  trouble: {
    not_found: "This video is not there any more. Check its address, or choose another one.",
    refused: "The site of this video does not let everybody see it. Use an address that works without signing in.",
    failing: "The site of this video has a problem of its own. Try again in a while.",
    cross_origin: "The site of this video does not let other pages play it. Use an address whose site allows it (CORS).",
    insecure: "This page is encrypted and the video is not, so that the browser does not load it. Use an https address.",
    unreachable: "The site of this video cannot be reached. Check your connection and the address, then try again.",
    unplayable: "This browser cannot play this kind of video. Try another browser, or MP4, WebM or HLS.",
  },
  keys: {
    play: "Play or pause for everybody",
    back10: "10 seconds back for everybody",
    ahead10: "10 seconds ahead for everybody",
    back5: "5 seconds back for everybody",
    ahead5: "5 seconds ahead for everybody",
    mute: "Mute, for you",
    fullscreen: "Full screen, for you",
    captions: "Captions, for you",
    chat: "Write in the chat",
    help: "Show these keys",
    leave: "Leave full screen or the wide player",
  },
  keyNames: { " ": "Space", arrowleft: "←", arrowright: "→", escape: "Esc" } as Readonly<Record<string, string>>,
};

const inSync = (skew: string) => (skew === "" ? "in sync" : `in sync · ${skew}`);

export const sync = {
  idle: "nothing plays",
  waiting: "starting",
  paused: "paused",
  in_sync: inSync,
  catching_up: (percent: string) => `catching up ${percent}`,
  slowing_down: (percent: string) => `slowing down ${percent}`,
  seeking: "seeking",
  buffering: "buffering",
  cannot_keep_up: "cannot keep up",
  free: "free mode",
  apart: "not connected",
  ms: (value: number) => `${value} ms`,
  seconds: (value: number) => `${value.toFixed(1)} s`,
  percent: (value: number) => `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(value % 1 === 0 ? 0 : 1)} %`,
  rate: (factor: number) => `${Math.round(factor * 1000) / 1000}×`,
  unknown: "–",
  title: "In step with the room",
  skew: "This page",
  rtt: "Round trip to the server",
  bound: "Error of the clock, at most",
  offset: "Your computer’s clock",
  ahead: (span: string) => `${span} ahead`,
  behind: (span: string) => `${span} behind`,
  speed: "Speed",
  buffered: "Loaded ahead",
  now: "Sync now",
  freeMode: "Free mode: go your own way",
};

export const ready = {
  waiting: (names: string, seconds: number | null) => `Waiting for ${names}${seconds === null ? "" : ` (${seconds} s)`}`,
  others: (count: number) => `${count} others`,
  and: "and",
  someone: "someone",
  count: (ready: number, asked: number) => `${ready} of ${asked} ready`,
  left: (seconds: number) => `${seconds} s left`,
  isReady: (name: string) => `${name} is ready`,
  isNotReady: (name: string) => `${name} is not ready yet`,
  you: (name: string) => `${name} (you)`,
  starting: "Everybody is ready: it starts in three seconds.",
  start: "Ready check",
  bar: "Ready check",
  mine: "I’m ready",
  cancel: "Cancel",
  goOn: "Go on now",
};

/** What a sentence about events of one kind is made of. */
interface Told {
  who: string;
  /** To where, of what, by what. */
  detail: string;
  count: number;
  /** There is more than one person. */
  many: boolean;
}

const listed = new Intl.ListFormat("en", { type: "conjunction" });
const counted = (count: number, one: string, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;
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
  },
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

const article = (role: string) => (role === "admin" || role === "owner" ? "an" : "a");
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

export const confirmation = { cancel: "Cancel" };

export const playlist = {
  nowPlaying: "Now playing",
  addedBy: (name: string) => `added by ${name}`,
  empty: "The playlist is empty. Paste a video's address below, or begin with the sample video.",
  play: "Play now: ",
  more: (title: string) => `More for ${title}`,
  rename: "Rename",
  renaming: "The video's new title",
  save: "Save",
  cancel: "Cancel",
  remove: "Remove",
  up: "Move up",
  down: "Move down",
  top: "To the top",
  end: "To the end",
  grip: (title: string, at: number, of: number) => `Move ${title}, position ${at} of ${of}`,
  grabbed: (title: string, at: number, of: number) =>
    `${title} grabbed at position ${at} of ${of}. Arrow keys move it, Enter puts it down, Escape puts it back.`,
  over: (title: string, at: number, of: number) => `${title} over position ${at} of ${of}`,
  moved: (title: string, at: number, of: number) => `${title} moved to position ${at} of ${of}`,
  back: (title: string, at: number, of: number) => `${title} is back at position ${at} of ${of}`,
  clear: "Clear playlist",
  clearTitle: "Clear the playlist?",
  clearText: (count: number) => `${counted(count, "video")} will be gone for everybody, and playback ends.`,
  notAnAddress: "This is not an http or https address of a video.",
  sample: "Sample video",
  addSample: "Add sample video",
  address: "Add a video by its address",
  newTitle: "Title (may be left empty)",
  add: "Add",
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
  more: (name: string) => `Actions on ${name}`,
  role: "Role",
  roleTitle: (name: string, role: string) => `Make ${name} ${role === "admin" ? "an" : "a"} ${role}?`,
  roleText: "What they may do changes at once.",
  roleDone: "Change role",
  kick: "Remove from the room",
  kickTitle: (name: string) => `Remove ${name} from the room?`,
  kickText: "They are shown out at once. In a public room they may join again.",
  reason: "Reason (may be left empty)",
};

export const timeline = {
  families: {
    all: "All events",
    playback: "Playback",
    playlist: "Playlist",
    chat: "Chat",
    member: "Members",
    room: "Room",
    ready: "Ready checks",
    live: "Live",
    redacted: "Not shown",
  } as Readonly<Record<string, string>>,
  byFamily: "Kind of event",
  byActor: "By whom",
  everybody: "Everybody",
  system: "the server",
  older: "Earlier events",
  olderFailed: "The earlier events could not be read.",
  start: "The log begins here.",
  none: "No event here is of this kind.",
  words: {
    "chat.posted": (detail: string) => `wrote: ${detail}`,
    "chat.edited": (detail: string) => `edited a message: ${detail}`,
    "chat.redacted": () => "withdrew a message",
    "chat.reacted": (detail: string) => `reacted ${detail}`,
    "playlist.updated": (detail: string) => `told how long ${detail} is`,
    redacted: () => "an event whose text was withdrawn",
  } as Readonly<Record<string, (detail: string) => string>>,
  tookBack: (reaction: string) => `no longer with ${reaction}`,
  withReaction: (reaction: string) => `with ${reaction}`,
  look: (seq: number) => `Look at the room as of event ${seq}`,
  asOf: (seq: number) => `The room as of #${seq}`,
  readOnly: "A look back, for you alone: nothing changes, and the video goes on.",
  back: "Back to now",
  previous: "Previous event",
  next: "Next event",
  slider: "Event",
  noSuchVersion: (seq: number) => `The room has no version #${seq}.`,
  failed: (why: string) => `The room as it was could not be read. ${why}`,
  unchanged: "Nothing that the room keeps changed with this event.",
  first: "The room began with this event.",
  changedHere: "Changed by this event",
  nothing: "–",
  nobody: "nobody",
  unknownLength: "length unknown",
  ready: (ready: number, asked: number) => `${ready} of ${asked} ready`,
  position: (at: number) => `position ${at}`,
  gone: "gone",
  yes: "yes",
  no: "no",
  playing: "playing",
  paused: "paused",
  headings: { room: "Room", playback: "Playback", playlist: "Playlist", members: "Members" },
  empty: "empty",
  fields: {
    name: "Name",
    visibility: "Visibility",
    join_rule: "Who may join",
    default_role: "Role of who joins",
    control: "Who steers",
    barrier: "Waiting for who buffers",
    chat: "Chat",
    closed: "Closed",
    item: "Video",
    state: "State",
    at: "Position",
    rate: "Speed",
    mode: "What comes next",
    hold: "Waits for",
    ready: "Ready check",
  },
};

export const joinRules = {
  public: "Everybody with the link",
  password: "Who knows the password",
  approval: "Who is let in by a moderator",
  invite: "Who is invited",
} as const;

export const settings = {
  open: "Settings",
  close: "Close",
  title: "Settings",
  room: "This room",
  device: "This browser",
  save: "Save",
  saved: "Saved",
  names: {
    name: "Name",
    visibility: "Who finds it",
    default_role: "New members are",
    control: "Who controls playback",
    barrier: "If somebody buffers",
    chat: "Chat",
  },
  choices: {
    visibility: { unlisted: "Who has the link", listed: "Everybody" },
    default_role: { guest: "Guests", member: "Members", moderator: "Moderators" },
    control: { everyone: "Members", moderators: "Moderators", owner: "The owner" },
    barrier: { never: "Go on", grace: "Wait a little", strict: "Wait for all" },
    chat: { on: "On", off: "Off" },
  },
  conflict: (by: string, theirs: string) => `${by} changed this to “${theirs}” meanwhile.`,
  keepMine: (mine: string) => `Keep mine: ${mine}`,
  takeTheirs: (theirs: string) => `Take theirs: ${theirs}`,
  somebody: "Somebody",
  closeRoom: "Close the room",
  closeTitle: "Close the room for everybody?",
  closeHint: "Nobody can do anything in a closed room, until you open it again.",
  reopenRoom: "Open the room again",
  reopenHint: "The room is closed.",
  refused: {
    not_a_member: "You are no member of this room.",
    closed: "The room is closed: its settings stay as they are.",
    capability: "The room has switched this off.",
    guest: "Only members of the room may do this.",
    member: "Guests may not do this.",
    moderator: "Only moderators and above may do this.",
    admin: "Only admins and the owner may do this.",
    owner: "Only the owner may do this.",
  },
  theme: "Theme",
  themes: { system: "System", light: "Light", dark: "Dark" },
  captions: "Captions",
  captionSizes: { small: "Small", medium: "Medium", large: "Large" },
  shortcuts: "Single-key shortcuts",
  shortcutsHint: "Such as space to play. Switch them off if you dictate or use switches.",
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
  tooFast: (seconds: number) => `That was too much at once. Try again in ${seconds} s.`,
};
