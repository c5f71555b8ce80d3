import { byId, el, KeyedList, type Row } from "./dom";
import { LABELS, type PresenceState } from "../state/presence";
import type { Member } from "../state/types";

interface Entry {
  member: Member;
  state: PresenceState;
}

/** The members, and how each of them is. */
export class Members {
  private readonly list: KeyedList<Entry>;
  private members: readonly Member[] = [];
  private states: Readonly<Record<string, PresenceState>> = {};

  constructor(me: string) {
    this.list = new KeyedList<Entry>(
      byId("members", HTMLElement),
      ({ member }) => member.id,
      () => memberRow(me),
    );
  }

  show(members: readonly Member[]): void {
    if (this.members === members) return;
    this.members = members;
    this.render();
  }

  /** Whoever is not in it has no connection. */
  present(states: Readonly<Record<string, PresenceState>>): void {
    this.states = states;
    this.render();
  }

  private render(): void {
    this.list.update(this.members.map((member) => ({ member, state: this.states[member.id] ?? "offline" })));
  }
}

function memberRow(me: string): Row<Entry> {
  const root = el("li");
  const name = el("span");
  const meta = el("span", "meta");
  const presence = el("span", "presence");
  root.append(name, meta, presence);
  return {
    root,
    update({ member, state }) {
      name.textContent = member.display_name ?? "someone";
      meta.textContent = member.id === me ? `${member.role}, you` : member.role;
      presence.textContent = LABELS[state];
      presence.dataset["state"] = state;
    },
  };
}
