import type { Api } from "./api";
import { Problem } from "./problem";

/** What somebody shows at the door of a room. */
export interface Shown {
  /** The token of an invite. */
  invite: string | null;
  password: string;
  /** What to tell those who let people in; null: they were not asked for it yet. */
  message: string | null;
}

/** What comes of it: one is in or waits, or the room asks for more. */
export type Admission = "in" | "waiting" | "asks_password" | "asks_message";

/** Tries to get into a room. Nobody is asked to open before there was a chance to write to them. */
export async function enter(api: Api, room: string, shown: Shown): Promise<Admission> {
  const { invite, password, message } = shown;
  const plain = invite === null && password === "" && message === null;
  try {
    if (plain && (await wouldKnock(api, room))) return "asks_message";
    await api.command(room, {
      type: "member.join",
      ...(invite === null ? {} : { invite }),
      ...(password === "" ? {} : { password }),
      ...(message === null || message === "" ? {} : { message }),
    });
  } catch (error) {
    if (error instanceof Problem && error.code === "join_refused" && error.more["join_rule"] === "password") return "asks_password";
    throw error;
  }
  return (await isMember(api, room)) ? "in" : "waiting";
}

/** Whether who waits was let in meanwhile; that they were sent away is thrown. */
export async function isLetIn(api: Api, room: string): Promise<boolean> {
  await api.command(room, { type: "member.join" });
  return isMember(api, room);
}

async function wouldKnock(api: Api, room: string): Promise<boolean> {
  const { events } = await api.wouldDo(room, { type: "member.join" });
  return events.some(({ type }) => type === "member.knocked");
}

async function isMember(api: Api, room: string): Promise<boolean> {
  try {
    await api.room(room);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === "not_a_member") return false;
    throw error;
  }
}
