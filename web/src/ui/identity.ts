import type { Guest } from "../state/types";

/** Who this tab is. Two tabs can be two people: what they have in common is whom one can come back as, by the name. */
export interface Identity {
  id: string;
  name: string;
  token: string;
}

const KEY = "synctv.identity";
const PEOPLE = "synctv.people";
/** So many people are kept for when they come back, the latest first. */
const MOST = 8;

export function ofGuest(guest: Guest): Identity {
  const { id, display_name } = guest.actor;
  return { id, name: display_name, token: guest.access_token };
}

export function save(identity: Identity): void {
  sessionStorage.setItem(KEY, JSON.stringify(identity));
  keep([identity, ...people().filter(({ id, name }) => id !== identity.id && name !== identity.name)]);
}

/** For good: the identity is worth nothing any more. */
export function forget(): void {
  const lost = load();
  sessionStorage.removeItem(KEY);
  if (lost !== null) keep(people().filter(({ id }) => id !== lost.id));
}

/** Who was here under that name before the tab was closed: their rooms and rights are still theirs. */
export function recall(name: string): Identity | null {
  return people().find((known) => known.name === name) ?? null;
}

function people(): Identity[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(PEOPLE) ?? "[]");
    return Array.isArray(value) ? value.filter(isIdentity) : [];
  } catch {
    return [];
  }
}

function keep(kept: readonly Identity[]): void {
  try {
    localStorage.setItem(PEOPLE, JSON.stringify(kept.slice(0, MOST)));
  } catch {
    // Without storage one comes back as somebody new.
  }
}

/** The kept identity. Whether its token is still good is the server's to say. */
export function load(): Identity | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return isIdentity(value) ? value : null;
  } catch {
    return null;
  }
}

function isIdentity(value: unknown): value is Identity {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  return ["id", "name", "token"].every((key) => typeof fields[key] === "string");
}
