import { NOBODY, type PresenceState, type Report, type Roster } from "../state/presence";
import type { Member, Room } from "../state/types";
import { members as texts } from "../strings";
import { byId } from "./dom";
import { KeyedList } from "./keyed_list";
import { memberRow } from "./member_row";
import { together } from "./members_together";

export interface MemberEntry {
  member: Member;
  state: PresenceState;
  report: Report | null;
  /** The room was offered to them. */
  offered: boolean;
}

/** The members: what they are, and how they are. */
export class Members {
  private readonly list: KeyedList<MemberEntry>;
  private room: Room | null = null;
  private roster: Roster = NOBODY;

  constructor(me: string, open: (member: string) => void, copyLink: () => void) {
    this.list = new KeyedList(byId("members", HTMLElement), ({ member }) => member.id, () => memberRow(me, open));
    byId("invite", HTMLButtonElement).addEventListener("click", copyLink);
  }

  show(room: Room): void {
    const before = this.room;
    this.room = room;
    const plays = before?.playback.item_id === room.playback.item_id;
    if (before?.members !== room.members || before.offer !== room.offer || !plays) this.render();
  }

  /** Whoever is not in it has no connection. */
  present(roster: Roster): void {
    this.roster = roster;
    this.render();
  }

  private render(): void {
    const { room, roster } = this;
    if (room === null) return;
    this.list.update(room.members.map((member) => this.entry(room, member)));
    byId("alone", HTMLElement).hidden = room.members.length > 1;
    const spread = room.playback.item_id === null ? null : together(Object.values(roster.reports).flatMap(({ skew_ms }) => skew_ms ?? []));
    byId("together", HTMLElement).textContent = spread === null ? "" : texts.together(spread.p50, spread.p95);
  }

  private entry(room: Room, member: Member): MemberEntry {
    const { states, reports } = this.roster;
    const state = states[member.id] ?? "offline";
    // Without a video there is nothing to be in step with.
    const report = state === "offline" || room.playback.item_id === null ? null : (reports[member.id] ?? null);
    return { member, state, report, offered: room.offer?.member === member.id };
  }
}
