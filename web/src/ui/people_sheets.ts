import type { State } from "../state/reducer";
import { BansSheet } from "./bans_sheet";
import { InvitesSheet, type InvitesUses } from "./invites_sheet";
import { LiveSheet, type LiveSheetUses } from "./live_sheet";
import { RolesSheet } from "./roles_sheet";
import { MemberSheet, type MemberSheetUses } from "./member_sheet";

/** All that is opened from the list of members; it is fetched when it is opened first. */
export class PeopleSheets {
  readonly member: MemberSheet;
  readonly invites: InvitesSheet;
  readonly bans: BansSheet;
  readonly roles: RolesSheet;
  readonly live: LiveSheet;

  constructor(uses: MemberSheetUses & InvitesUses & LiveSheetUses) {
    this.member = new MemberSheet(uses);
    this.invites = new InvitesSheet(uses);
    this.bans = new BansSheet(uses);
    this.roles = new RolesSheet(uses);
    this.live = new LiveSheet(uses);
  }

  show(state: State): void {
    for (const sheet of [this.member, this.invites, this.bans, this.roles, this.live]) sheet.show(state);
  }
}
