import type { Guest } from "../state/types";

/** Who this tab is. Kept for the tab alone, so that two tabs can be two people. */
export interface Identity {
  id: string;
  name: string;
  token: string;
}

const KEY = "synctv.identity";

export function ofGuest(guest: Guest): Identity {
  const { id, display_name } = guest.actor;
  return { id, name: display_name, token: guest.access_token };
}

export function save(identity: Identity): void {
  sessionStorage.setItem(KEY, JSON.stringify(identity));
}

export function forget(): void {
  sessionStorage.removeItem(KEY);
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
