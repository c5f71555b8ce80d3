import { from, moment, SPANS, type Span } from "../moments";
import { hindrance, type Hindrance } from "../state/hindrance";
import { outranks } from "../state/permissions";
import type { State } from "../state/reducer";
import { CHANGEABLE, type Command, type CommandAnswer, type Invite, type Room } from "../state/types";
import { chat, doors as texts, members, spans } from "../strings";
import { el } from "./dom";
import { KeyedList, type Row } from "./keyed_list";
import { giveOptions } from "./options";
import { bar, onUse } from "./permitted";
import { part, Sheet } from "./sheet";
import { putProblem } from "./why_button";

export interface InvitesUses {
  me: string;
  /** Throws what it is refused with. */
  send(command: Command): Promise<CommandAnswer>;
  now(): number;
  /** The link that an invite's token makes. */
  link(token: string): string;
  /** Copies it; whether that went. */
  copy(text: string): Promise<boolean>;
}

interface InviteEntry {
  invite: Invite;
  by: string;
  barred: string;
}

const USES = ["1", "5", "20", ""] as const;
const ENDS: readonly Span[] = ["hour", "day", "week"];

/** Makes invites and takes them back. The link of a new one is told this once. */
export class InvitesSheet {
  private readonly sheet = new Sheet("invites");
  private readonly count = el("select");
  private readonly end = el("select");
  private readonly role = el("select");
  private readonly make = el("button", "primary", texts.makeInvite);
  private readonly made = el("div", "made");
  private readonly problem = el("p", "problem");
  private readonly none = el("p", "hint", texts.noInvites);
  private readonly list: KeyedList<InviteEntry>;
  private state: State | null = null;

  constructor(private readonly uses: InvitesUses) {
    const [form, list] = [el("form", "invite-form"), el("ul", "entries")];
    this.problem.role = "alert";
    this.made.hidden = true;
    giveOptions(this.count, USES.map((value) => ({ value, text: value === "" ? texts.anyUses : texts.uses(Number(value)) })));
    giveOptions(this.end, ENDS.map((value) => ({ value, text: spans.names[value] })));
    this.end.value = "day";
    form.append(labelled(texts.maxUses, this.count), labelled(texts.goodFor, this.end), labelled(texts.as, this.role), this.make);
    form.addEventListener("submit", (event) => event.preventDefault());
    onUse(this.make, () => void this.create());
    this.list = new KeyedList(list, ({ invite }) => invite.invite_id, () => this.row());
    this.sheet.title(texts.invites);
    this.sheet.body.append(part(texts.newInvite, form, this.made, this.problem), part(texts.presentInvites, this.none, list));
  }

  open(): void {
    this.made.hidden = true;
    putProblem(this.problem, null);
    this.render();
    this.sheet.open();
  }

  show(state: State): void {
    this.state = state;
    if (this.sheet.isOpen) this.render();
  }

  private render(): void {
    if (this.state === null) return;
    const { room, names } = this.state;
    bar(this.make, hindrance(room, this.uses.me, "members.invite"));
    const own = room.members.find(({ id }) => id === this.uses.me)?.role ?? "";
    const roles = CHANGEABLE.filter((role) => role !== room.default_role && outranks(own, role));
    giveOptions(this.role, [
      { value: "", text: texts.usualRole(members.roles[room.default_role] ?? room.default_role) },
      ...roles.map((value) => ({ value, text: members.roles[value] ?? value })),
    ]);
    this.none.hidden = room.invites.length > 0;
    this.list.update(room.invites.map((invite) => ({ invite, by: names[invite.by] ?? chat.someone, barred: this.whyNotRevoke(room, invite)?.text ?? "" })));
  }

  /** One's own can always be taken back. */
  private whyNotRevoke(room: Room, { by }: Invite): Hindrance | null {
    return by === this.uses.me ? null : hindrance(room, this.uses.me, "members.review");
  }

  private row(): Row<InviteEntry> {
    const root = el("li", "entry");
    const [words, more, revoke] = [el("strong"), el("p", "hint"), el("button", "", texts.revoke)];
    const text = el("div");
    let shown = "";
    more.dir = "auto";
    revoke.type = "button";
    onUse(revoke, () => void this.send({ type: "invite.revoke", invite_id: shown }));
    text.append(words, more);
    root.append(text, revoke);
    return {
      root,
      update: ({ invite, by }) => {
        shown = invite.invite_id;
        words.textContent = texts.used(invite.uses, invite.max_uses);
        more.textContent = texts.invite(by, moment(invite.expires_at), invite.role === null ? "" : (members.roles[invite.role] ?? invite.role));
        revoke.setAttribute("aria-label", texts.revokeOf(by));
        if (this.state !== null) bar(revoke, this.whyNotRevoke(this.state.room, invite));
      },
    };
  }

  private async create(): Promise<void> {
    const [uses, role] = [this.count.value, this.role.value];
    const answer = await this.send({
      type: "invite.create",
      expires_at: from(this.uses.now(), SPANS[this.end.value as Span]),
      ...(uses === "" ? {} : { max_uses: Number(uses) }),
      ...(role === "" ? {} : { role }),
    });
    const token = answer?.secret?.token;
    if (token !== undefined) await this.tell(this.uses.link(token));
  }

  /** It is shown until the sheet is closed, and then never again. */
  private async tell(link: string): Promise<void> {
    const [field, copy, news] = [el("input"), el("button", "", texts.copy), el("p", "hint")];
    const row = el("div", "row");
    field.value = link;
    field.readOnly = true;
    field.ariaLabel = texts.inviteLink;
    copy.type = "button";
    news.role = "status";
    const copied = async () => {
      news.textContent = (await this.uses.copy(link)) ? texts.copied : texts.copyByHand;
      field.select();
    };
    copy.addEventListener("click", () => void copied());
    row.append(field, copy);
    this.made.replaceChildren(row, news);
    this.made.hidden = false;
    await copied();
  }

  private async send(command: Command): Promise<CommandAnswer | null> {
    putProblem(this.problem, null);
    try {
      return await this.uses.send(command);
    } catch (error) {
      putProblem(this.problem, error);
      return null;
    }
  }
}

function labelled(text: string, control: HTMLElement): HTMLElement {
  const label = el("label", "field", text);
  label.append(control);
  return label;
}
