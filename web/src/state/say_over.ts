import type { Room } from "./types";

export type Outcome<T> = { kind: "saved" } | { kind: "conflict"; theirs: T; room: Room };

export interface Said<T> {
  /** The room when it was chosen. */
  base: Room;
  wanted: T;
  /** What it is about, in a room. */
  read(room: Room): T;
  same(one: T, other: T): boolean;
  /** Says it over a version of the room; if the room has moved, it is answered as it is now. */
  say(over: Room): Promise<Room | "done">;
}

/** Says something over a version of the room. Only a change of the same thing is in its way: if something else moved, it is said again over that. */
export async function sayOver<T>({ base, wanted, read, same, say }: Said<T>): Promise<Outcome<T>> {
  for (let over = base; ; ) {
    const now = await say(over);
    if (now === "done") return { kind: "saved" };
    const theirs = read(now);
    if (same(theirs, wanted)) return { kind: "saved" };
    if (!same(theirs, read(base))) return { kind: "conflict", theirs, room: now };
    over = now;
  }
}
