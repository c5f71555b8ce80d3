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

export const gate = {};

export const connection = {
  state: "Connection",
  transport: "Transport",
  place: "Place in the log",
  away: "Round trip",
  tryNow: "Try now",
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
};

export const problems = {};
