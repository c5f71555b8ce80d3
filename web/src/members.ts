import { byId, el, KeyedList, type Row } from "./dom";
import type { Member, Room } from "./types";

export class Members {
  private readonly list: KeyedList<Member>;
  private shown: Member[] | null = null;

  constructor(me: string) {
    this.list = new KeyedList<Member>(
      byId("members", HTMLElement),
      ({ id }) => id,
      () => memberRow(me),
    );
  }

  show(room: Room): void {
    if (this.shown === room.members) return;
    this.shown = room.members;
    this.list.update(room.members);
  }
}

function memberRow(me: string): Row<Member> {
  const root = el("li");
  const name = el("span");
  const meta = el("span", "meta");
  root.append(name, meta);
  return {
    root,
    update(member) {
      name.textContent = member.display_name ?? "someone";
      meta.textContent = member.id === me ? `${member.role}, you` : member.role;
    },
  };
}
