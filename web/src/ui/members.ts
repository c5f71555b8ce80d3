import { NOBODY, type PresenceState, type Report, type Roster } from "../state/presence";
import { outranks, ROLES } from "../state/permissions";
import { refusal } from "../state/rights";
import type { Command, Member, Room } from "../state/types";
import { whyNot } from "../state/why_not";
import { chat, members as texts, refused } from "../strings";
import { confirm } from "./confirm";
import { byId } from "./dom";
import { KeyedList } from "./keyed_list";
import { memberRow } from "./member_row";
import { together } from "./members_together";

export interface MemberEntry {
  member: Member;
  state: PresenceState;
  report: Report | null;
  /** Why the role cannot be changed; null: it can. */
  whyNotRole: string | null;
  whyNotKick: string | null;
  /** The roles that this person may give, one a word. */
  roles: string;
}

/** The members: what they are, how they are, and what can be done with them. */
export class Members {
  private readonly list: KeyedList<MemberEntry>;
  private room: Room | null = null;
  private roster: Roster = NOBODY;

  constructor(
    private readonly me: string,
    private readonly send: (command: Command) => Promise<boolean>,
    copyLink: () => void,
  ) {
    const uses = {
      setRole: (member: Member, role: string) => this.setRole(member, role),
      kick: (member: Member) => this.kick(member),
    };
    this.list = new KeyedList(byId("members", HTMLElement), ({ member }) => member.id, () => memberRow(me, uses));
    byId("invite", HTMLButtonElement).addEventListener("click", copyLink);
  }

  show(room: Room): void {
    const before = this.room;
    this.room = room;
    const plays = before?.playback.item_id === room.playback.item_id;
    if (before?.members !== room.members || before.closed !== room.closed || !plays) this.render();
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
    const own = room.members.find(({ id }) => id === this.me)?.role ?? "";
    const rank = member.id === this.me ? refused.oneself : outranks(own, member.role) ? null : refused.rank;
    return {
      member,
      state,
      // Without a video there is nothing to be in step with.
      report: state === "offline" || room.playback.item_id === null ? null : (reports[member.id] ?? null),
      whyNotRole: whyNot(refusal(room, this.me, "roles.assign")) ?? rank,
      whyNotKick: whyNot(refusal(room, this.me, "members.kick")) ?? rank,
      roles: ROLES.filter((role) => outranks(own, role)).join(" "),
    };
  }

  private async setRole(member: Member, role: string): Promise<boolean> {
    const name = member.display_name ?? chat.someone;
    const answer = await confirm({ title: texts.roleTitle(name, role), text: texts.roleText, go: texts.roleDone });
    return answer !== null && this.send({ type: "member.set_role", member: member.id, role });
  }

  private async kick(member: Member): Promise<void> {
    const name = member.display_name ?? chat.someone;
    const field = { label: texts.reason, longest: 500 };
    const reason = await confirm({ title: texts.kickTitle(name), text: texts.kickText, go: texts.kick, field });
    if (reason === null) return;
    const command = { type: "member.kick", member: member.id };
    await this.send(reason === "" ? command : { ...command, reason });
  }
}
