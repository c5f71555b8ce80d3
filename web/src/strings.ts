/** Every text that the page itself says, by the part that says it. */

export const gate = {};

export const connection = {};

export const player = {};

export const sync = {};

export const ready = {};

export const chat = {};

export const playlist = {};

export const members = {};

export const timeline = {};

export const settings = {};

export const problems = {};
