import type { Member } from "../state/types";
import { chat, members as texts } from "../strings";
import { el } from "./dom";
import type { Row } from "./keyed_list";
import type { MemberEntry } from "./members";
import { grey, onUse } from "./permitted";

export interface MemberUses {
  /** Whether the role was given. */
  setRole(member: Member, role: string): Promise<boolean>;
  kick(member: Member): Promise<void>;
}

/** A member; what can be done with one is folded away. */
export function memberRow(me: string, uses: MemberUses): Row<MemberEntry> {
  const root = el("li");
  const line = el("div", "line");
  const [name, role, presence, skew] = [el("strong"), el("span", "meta"), el("span", "presence"), el("span", "skew")];
  const more = el("button", "quiet more", "⋯");
  const actions = new Actions(uses);
  name.dir = "auto";
  more.type = "button";
  more.ariaExpanded = "false";
  more.addEventListener("click", () => more.setAttribute("aria-expanded", String(actions.toggle())));
  line.append(name, role, presence, skew, more);
  root.append(line, actions.root);
  return {
    root,
    update(entry) {
      const { member, state, report } = entry;
      const called = member.display_name ?? chat.someone;
      const own = member.id === me;
      name.textContent = called;
      role.textContent = own ? `${texts.roles[member.role]}, ${texts.you}` : (texts.roles[member.role] ?? member.role);
      presence.textContent = texts.presence[state];
      presence.dataset["state"] = state;
      skew.hidden = report === null;
      if (report !== null) showSkew(skew, report);
      more.hidden = own;
      more.setAttribute("aria-label", texts.more(called));
      actions.show(entry);
    },
  };
}

/** What is not noticed, is noticed, and disturbs; in ms. */
const GOOD_MS = 40;
const FAIR_MS = 300;

function showSkew(chip: HTMLElement, report: NonNullable<MemberEntry["report"]>): void {
  const { skew_ms } = report;
  chip.hidden = skew_ms === null;
  if (skew_ms === null) return;
  const off = Math.abs(skew_ms);
  chip.textContent = texts.skew(skew_ms);
  chip.title = texts.skewTitle(report.rtt_ms, report.buffered_ms);
  chip.dataset["off"] = off < GOOD_MS ? "good" : off < FAIR_MS ? "fair" : "far";
}

class Actions {
  readonly root = el("div", "actions");
  private readonly select = el("select");
  private readonly choose = el("button", "", texts.roleDone);
  private readonly kick = el("button", "danger", texts.kick);
  private member: Member | null = null;
  private offered = "";

  constructor(uses: MemberUses) {
    this.root.hidden = true;
    this.select.setAttribute("aria-label", texts.role);
    this.choose.type = this.kick.type = "button";
    this.root.append(this.select, this.choose, this.kick);
    onUse(this.choose, () => this.member && void uses.setRole(this.member, this.select.value));
    onUse(this.kick, () => this.member && void uses.kick(this.member));
  }

  /** Whether it is open now. */
  toggle(): boolean {
    this.root.hidden = !this.root.hidden;
    return !this.root.hidden;
  }

  show({ member, roles, whyNotRole, whyNotKick }: MemberEntry): void {
    this.member = member;
    this.offer([...new Set([...roles.split(" "), member.role])].filter(Boolean), member.role);
    this.select.disabled = whyNotRole !== null;
    grey(this.choose, whyNotRole);
    grey(this.kick, whyNotKick);
  }

  /** What was chosen and not yet given stays chosen, unless there is something else to choose from. */
  private offer(roles: readonly string[], role: string): void {
    const offered = `${role} of ${roles}`;
    if (offered === this.offered) return;
    this.offered = offered;
    this.select.replaceChildren(...roles.map((one) => new Option(texts.roles[one] ?? one, one)));
    this.select.value = role;
  }
}
