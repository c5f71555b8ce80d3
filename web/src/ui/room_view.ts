import type { Room } from "../state/types";
import { timeline as texts } from "../strings";
import { el } from "./dom";
import { facts, type Change, type Fact, type FactGroup } from "./room_facts";

/** A room as it was, in words; what an event changed in it is marked. */
export function roomView(room: Room, atMs: number, changed: readonly Change[]): HTMLElement[] {
  const all = facts(room, atMs);
  const groups = Object.keys(texts.headings) as FactGroup[];
  return groups.flatMap((group) => {
    const inGroup = all.filter((fact) => fact.group === group);
    const list = el("dl", "facts");
    for (const fact of inGroup) list.append(...factRow(fact, changed.find(({ key }) => key === fact.key)));
    return [el("h3", "", texts.headings[group]), inGroup.length === 0 ? el("p", "hint", texts.empty) : list];
  });
}

function factRow({ label, value }: Fact, change: Change | undefined): HTMLElement[] {
  const [term, words] = [el("dt", "", label), el("dd", "", value)];
  term.dir = words.dir = "auto";
  if (change === undefined) return [term, words];
  for (const part of [term, words]) part.classList.add("changed");
  const mark = el("span", "visually-hidden", ` (${texts.changedHere})`);
  words.append(mark);
  return [term, words];
}
