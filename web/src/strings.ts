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

export const player = {
  play: "Play for everybody",
  pause: "Pause for everybody",
  section: "Player",
  video: "The video of the room",
  nothing: "Nothing is selected. Add a video to the playlist and choose it.",
  nothingChosen: "No video is chosen. Choose one in the playlist.",
  live: "Live",
  retry: "Try again",
  start: "Start watching",
  tapToUnmute: "Tap to unmute",
  shared: "For everybody in the room",
  own: "For you only",
  previous: "Previous video for everybody",
  next: "Next video for everybody",
  seek: "Position, for everybody",
  speed: "Speed, for everybody",
  order: "Order of the playlist, for everybody",
  volume: "Volume",
  captions: "Captions",
  quality: "Quality",
  shortcuts: "Keys",
  singleKeys: "Single keys do something",
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
  refusals: {
    not_a_member: "Only members may do this.",
    closed: "This room is closed.",
    capability: "This room has that switched off.",
    role: (needed: string) => `Only ${needed} may do this. Ask the owner for another role.`,
    control: (needed: string) => `In this room only ${needed} may steer playback. The owner can change that in the settings.`,
  },
  roles: {
    guest: "guests and above",
    member: "members and above",
    moderator: "moderators and above",
    admin: "admins and above",
    owner: "the owner",
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
  ms: (value: number) => `${value} ms`,
  seconds: (value: number) => `${value.toFixed(1)} s`,
  percent: (value: number) => `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(value % 1 === 0 ? 0 : 1)} %`,
  unknown: "–",
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
  starts: (seconds: number) => `Starting in ${seconds}`,
};

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
