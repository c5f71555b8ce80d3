/** Every text that the page itself says, by the part that says it. */

export const page = {
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
  back: { title: "You are not in the room", intro: "Come back if you like.", submit: "Join again" },
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
  closedNow: "This room was closed. Reload the page once it is open again.",
  ended: (why: string) => `The server ended the connection (${why}). Reload the page to come back.`,
  full: "This room is full. Try again when somebody has left.",
  noRoom: "There is no such room. Ask for the link again.",
  notLetIn: "This room does not let you in: it takes more than its link.",
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

export const player = {};

export const sync = {};

export const ready = {};

export const chat = {};

export const playlist = {};

export const members = {};

export const timeline = {};

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
    barrier: "When somebody buffers",
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

export const problems = {};
