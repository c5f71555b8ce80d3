import { moment } from "../moments";
import { hindrance, type Hindrance } from "../state/hindrance";
import { outranks } from "../state/permissions";
import type { State } from "../state/reducer";
import type { Command, Knock, Room } from "../state/types";
import { chat, doors as texts } from "../strings";
import { confirm } from "./confirm";
import { byId, el } from "./dom";
import { KeyedList, type Row } from "./keyed_list";
import { bar, onUse } from "./permitted";
import type { Tabs } from "./tabs";

export interface DoorsUses {
  send(command: Command): Promise<boolean>;
  openInvites(): void;
  openBans(): void;
}

interface KnockEntry {
  knock: Knock;
  barred: string;
}

/** Who waits at the door, to whom the room is offered, and the ways in and out of it. */
export class Doors {
  private readonly knocks: KeyedList<KnockEntry>;
  private readonly expel = byId("expel", HTMLButtonElement);
  private readonly accept = byId("offer-accept", HTMLButtonElement);
  private readonly withdraw = byId("offer-withdraw", HTMLButtonElement);
  private room: Room | null = null;
  private why: Hindrance | null = null;

  constructor(
    private readonly me: string,
    private readonly tabs: Tabs,
    private readonly uses: DoorsUses,
  ) {
    this.knocks = new KeyedList(byId("knocks", HTMLElement), ({ knock }) => knock.id, () => this.row());
    byId("invites-open", HTMLButtonElement).addEventListener("click", () => uses.openInvites());
    byId("bans-open", HTMLButtonElement).addEventListener("click", () => uses.openBans());
    onUse(this.expel, () => void this.expelGuests());
    this.accept.addEventListener("click", () => void this.takeRoom());
    onUse(this.withdraw, () => void uses.send({ type: "room.transfer" }));
  }

  show({ room, names }: State): void {
    if (room === this.room) return;
    this.room = room;
    this.why = hindrance(room, this.me, "members.review");
    const waiting = room.knocks.length;
    byId("knocking", HTMLElement).hidden = waiting === 0;
    this.knocks.update(room.knocks.map((knock) => ({ knock, barred: this.why?.text ?? "" })));
    this.tabs.mark("members-panel", waiting === 0 ? "" : String(waiting), texts.waiting(waiting));
    byId("bans-open", HTMLElement).textContent = texts.bansCount(room.bans.length);
    bar(this.expel, hindrance(room, this.me, "members.kick"));
    this.expel.hidden = this.guests(room).length === 0;
    this.showOffer(room, names);
  }

  private showOffer(room: Room, names: State["names"]): void {
    const { offer } = room;
    const mine = offer?.member === this.me;
    byId("offer", HTMLElement).hidden = offer === null;
    this.accept.hidden = !mine;
    this.withdraw.hidden = room.owner !== this.me;
    if (offer === null) return;
    const [owner, other] = [room.owner, offer.member].map((id) => names[id] ?? chat.someone);
    const text = mine ? texts.offeredToYou(owner ?? "") : room.owner === this.me ? texts.youOffered(other ?? "") : texts.offered(owner ?? "", other ?? "");
    byId("offer-text", HTMLElement).textContent = text;
  }

  private row(): Row<KnockEntry> {
    const root = el("li", "entry");
    const [name, at, message] = [el("strong"), el("time", "meta"), el("p")];
    const [approve, reject] = [el("button", "primary", texts.approve), el("button", "", texts.reject)];
    const [text, buttons] = [el("div"), el("div", "row")];
    let shown = "";
    name.dir = message.dir = "auto";
    approve.type = reject.type = "button";
    onUse(approve, () => void this.uses.send({ type: "member.approve", member: shown }));
    onUse(reject, () => void this.uses.send({ type: "member.reject", member: shown }));
    text.append(name, " ", at, message);
    buttons.append(approve, reject);
    root.append(text, buttons);
    return {
      root,
      update: ({ knock }) => {
        const called = knock.display_name ?? chat.someone;
        shown = knock.id;
        name.textContent = called;
        at.textContent = moment(knock.at);
        at.dateTime = knock.at;
        message.textContent = knock.message ?? "";
        approve.setAttribute("aria-label", texts.approveWho(called));
        reject.setAttribute("aria-label", texts.rejectWho(called));
        for (const button of [approve, reject]) bar(button, this.why);
      },
    };
  }

  /** Those whom the server would expel: without an account or with the role of a guest, unless they were made more than members. */
  private guests({ members }: Room): string[] {
    const own = members.find(({ id }) => id === this.me)?.role ?? "";
    const isGuest = (role: string, kind: string) => role === "guest" || (role === "member" && kind === "guest");
    return members.filter(({ role, kind }) => isGuest(role, kind) && outranks(own, role)).map(({ id }) => id);
  }

  private async expelGuests(): Promise<void> {
    const count = this.room === null ? 0 : this.guests(this.room).length;
    const answer = await confirm({ title: texts.expelTitle(count), text: texts.expelText, go: texts.expelDone(count) });
    if (answer !== null) await this.uses.send({ type: "room.expel_guests" });
  }

  private async takeRoom(): Promise<void> {
    const owner = this.room?.owner;
    const answer = await confirm({ title: texts.acceptTitle, text: texts.acceptText, go: texts.accept });
    if (answer !== null) await this.uses.send({ type: "room.accept_transfer", member: owner });
  }
}
