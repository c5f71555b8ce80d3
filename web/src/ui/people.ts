import type { State } from "../state/reducer";
import { Problem } from "../net/problem";
import type { Command, CommandAnswer, Room } from "../state/types";
import { Deferred } from "./deferred";
import type { PeopleSheets } from "./people_sheets";
import { inviteLink } from "./route";

export interface PeopleUses {
  me: string;
  room: string;
  command(command: Command): Promise<CommandAnswer>;
  now(): number;
  /** Where live streams are published to. */
  servers(): Promise<{ publish: { url: string }[] }>;
}

/** The sheets about people, which are fetched when they are needed first. */
export class People {
  private readonly sheets: Deferred<PeopleSheets>;
  private used = false;
  private state: State | null = null;

  constructor(uses: PeopleUses) {
    this.sheets = new Deferred(() => make(uses));
  }

  show(state: State): void {
    this.state = state;
    if (this.used) this.sheets.show(state);
  }

  openMember(id: string): void {
    this.with((sheets) => sheets.member.open(id));
  }

  openInvites(): void {
    this.with((sheets) => sheets.invites.open());
  }

  openBans(): void {
    this.with((sheets) => sheets.bans.open());
  }

  openRoles(): void {
    this.with((sheets) => sheets.roles.open());
  }

  openLive(): void {
    this.with((sheets) => sheets.live.open());
  }

  private with(act: (sheets: PeopleSheets) => void): void {
    this.used = true;
    if (this.state !== null) this.sheets.show(this.state);
    this.sheets.with(act);
  }
}

async function make({ me, room, command, now, servers }: PeopleUses): Promise<PeopleSheets> {
  const { PeopleSheets } = await import("./people_sheets");
  return new PeopleSheets({
    me,
    room,
    now,
    servers,
    send: command,
    say: (said) => sayTo(command, said),
    link: (token) => inviteLink(location.origin, room, token),
    copy: (text) => navigator.clipboard.writeText(text).then(() => true, () => false),
  });
}

/** Says something that names a version; answered with the room as it is now if that was another one. */
export async function sayTo(command: (command: Command) => Promise<unknown>, said: Command): Promise<Room | "done"> {
  try {
    await command(said);
    return "done";
  } catch (error) {
    const moved = error instanceof Problem && (error.status === 409 || error.status === 412);
    const room = moved ? error.more["room"] : undefined;
    if (room === undefined) throw error;
    return room as Room;
  }
}
