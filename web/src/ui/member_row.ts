import { chat, members as texts } from "../strings";
import { el } from "./dom";
import type { Row } from "./keyed_list";
import { mutedWords } from "./member_words";
import type { MemberEntry } from "./members";

/** A member; `open` shows what they may do, and what can be done about it. */
export function memberRow(me: string, open: (member: string) => void): Row<MemberEntry> {
  const root = el("li");
  const line = el("div", "line");
  const [name, role, presence, skew] = [el("strong"), el("span", "meta"), el("span", "presence"), el("span", "skew")];
  const [marks, more] = [el("span", "tags"), el("button", "quiet more", "⋯")];
  let shown = "";
  name.dir = "auto";
  more.type = "button";
  more.setAttribute("aria-haspopup", "dialog");
  more.addEventListener("click", () => open(shown));
  line.append(name, role, presence, skew, marks, more);
  root.append(line);
  return {
    root,
    update(entry) {
      const { member, state, report } = entry;
      const called = member.display_name ?? chat.someone;
      const own = member.id === me;
      shown = member.id;
      name.textContent = called;
      role.textContent = own ? `${texts.roles[member.role]}, ${texts.you}` : (texts.roles[member.role] ?? member.role);
      presence.textContent = texts.presence[state];
      presence.dataset["state"] = state;
      skew.hidden = report === null;
      if (report !== null) showSkew(skew, report);
      marks.replaceChildren(...marksOf(entry).map(([kind, text]) => el("span", `tag ${kind}`, text)));
      more.setAttribute("aria-label", own ? texts.moreOwn : texts.more(called));
    },
  };
}

function marksOf({ member, offered }: MemberEntry): [kind: string, text: string][] {
  const marks: [string, string][] = [];
  for (const words of mutedWords(member)) marks.push(["muted", words]);
  if (member.allow !== undefined || member.deny !== undefined) marks.push(["special", texts.ownRights]);
  if (offered) marks.push(["offered", texts.offered]);
  return marks;
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
