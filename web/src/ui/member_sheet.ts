import { from, SPANS, type Span } from "../moments";
import { hindranceAbout } from "../state/hindrance";
import { CHANGEABLE, type Command, type Member, type Room } from "../state/types";
import { outranks } from "../state/permissions";
import type { State } from "../state/reducer";
import { chat, members as texts, spans } from "../strings";
import { confirm, type Question } from "./confirm";
import { el } from "./dom";
import { mutedWords } from "./member_words";
import { MemberRights } from "./member_rights";
import { bar, onUse } from "./permitted";
import { part, Sheet } from "./sheet";
import { putProblem } from "./why_button";

export interface MemberSheetUses {
  me: string;
  /** Throws what it is refused with. */
  send(command: Command): Promise<unknown>;
  /** The room as it is now, if that is in the way. */
  say(command: Command): Promise<Room | "done">;
  /** The server's time in ms. */
  now(): number;
}

type Judgement = "member.mute" | "member.kick" | "member.ban";

/** Ends to choose from; without one, as the server has it. */
type Ends = readonly (Span | "usual")[];

const MUTES: Ends = ["tenMinutes", "hour", "day", "usual"];
const KICKS: Ends = ["usual", "tenMinutes", "hour", "halfDay"];
const BANS: Ends = ["usual", "hour", "day", "week"];

/** What a member is and may do, and what can be done about it. */
export class MemberSheet {
  private readonly sheet = new Sheet("member");
  private readonly role = el("select");
  private readonly giveRole = action(texts.roleDone);
  private readonly mute = action("");
  private readonly kick = action(texts.kick, "danger");
  private readonly ban = action(texts.ban, "danger");
  private readonly transfer = action("");
  private readonly problem = el("p", "problem");
  private readonly acts: HTMLElement;
  private readonly rights: MemberRights;
  private state: State | null = null;
  private id = "";

  constructor(private readonly uses: MemberSheetUses) {
    this.rights = new MemberRights(uses.me, (command) => uses.say(command));
    this.problem.role = "alert";
    this.role.setAttribute("aria-label", texts.role);
    const roleRow = el("div", "row");
    roleRow.append(this.role, this.giveRole);
    const others = el("div", "actions");
    others.append(this.mute, this.kick, this.ban, this.transfer);
    this.acts = part(texts.actions, roleRow, others, this.problem);
    this.sheet.body.append(this.acts, this.rights.root);
    onUse(this.giveRole, () => void this.setRole());
    onUse(this.mute, () => void this.muteOrNot());
    onUse(this.kick, () => void this.judge("member.kick", KICKS, { title: texts.kickTitle(this.name()), text: texts.kickText, go: texts.kick }));
    onUse(this.ban, () => void this.judge("member.ban", BANS, { title: texts.banTitle(this.name()), text: texts.banText, go: texts.ban }));
    onUse(this.transfer, () => void this.offer());
  }

  open(id: string): void {
    this.id = id;
    putProblem(this.problem, null);
    this.render();
    this.sheet.open();
  }

  show(state: State): void {
    this.state = state;
    if (this.sheet.isOpen) this.render();
  }

  private member(): Member | undefined {
    return this.state?.room.members.find(({ id }) => id === this.id);
  }

  private name(): string {
    return this.member()?.display_name ?? chat.someone;
  }

  private render(): void {
    const [member, room] = [this.member(), this.state?.room];
    if (member === undefined || room === undefined || this.state === null) return this.sheet.close();
    const own = member.id === this.uses.me;
    const about = [texts.roles[member.role] ?? member.role, ...(own ? [texts.you] : []), ...mutedWords(member)];
    this.sheet.title(member.display_name ?? chat.someone, about.join(" · "));
    this.acts.hidden = own;
    this.offerRoles(room, member);
    this.mute.textContent = member.muted === undefined ? texts.mute : texts.unmute;
    const offered = room.offer?.member === member.id;
    this.transfer.textContent = offered ? texts.withdrawOffer : texts.offer;
    for (const [button, permission] of [
      [this.giveRole, "roles.assign"],
      [this.mute, "members.mute"],
      [this.kick, "members.kick"],
      [this.ban, "members.ban"],
      [this.transfer, "room.transfer"],
    ] as const) {
      bar(button, hindranceAbout(room, this.uses.me, member.id, permission));
    }
    bar(this.role, hindranceAbout(room, this.uses.me, member.id, "roles.assign"));
    this.rights.show(this.state, member);
  }

  private offered = "";

  /** What was chosen and not yet given stays chosen, unless there is something else to choose from. */
  private offerRoles(room: Room, { id, role }: Member): void {
    const own = room.members.find((member) => member.id === this.uses.me)?.role ?? "";
    const roles = CHANGEABLE.filter((one) => outranks(own, one) || one === role);
    const offered = [id, role, ...roles].join();
    if (offered === this.offered) return;
    this.offered = offered;
    this.role.replaceChildren(...(role === "owner" ? [role] : roles).map((one) => new Option(texts.roles[one] ?? one, one)));
    this.role.value = role;
  }

  private async setRole(): Promise<void> {
    const role = this.role.value;
    const answer = await confirm({ title: texts.roleTitle(this.name(), role), text: texts.roleText, go: texts.roleDone });
    if (answer !== null) await this.send({ type: "member.set_role", member: this.id, role });
  }

  private async muteOrNot(): Promise<void> {
    if (this.member()?.muted !== undefined) return this.send({ type: "member.unmute", member: this.id });
    await this.judge("member.mute", MUTES, { title: texts.muteTitle(this.name()), text: texts.muteText, go: texts.muteDone });
  }

  private async judge(type: Judgement, ends: Ends, question: Question): Promise<void> {
    const words = spans[type];
    const options = ends.map((span) => ({ value: span, text: span === "usual" ? words.usual : spans.names[span] }));
    const field = { label: texts.reason, longest: 500 };
    const answer = await confirm({ ...question, field, choice: { label: words.label, options } });
    if (answer === null) return;
    const span = answer.chosen as Span | "usual";
    await this.send({
      type,
      member: this.id,
      ...(answer.text === "" ? {} : { reason: answer.text }),
      ...(span === "usual" ? {} : { expires_at: from(this.uses.now(), SPANS[span]) }),
    });
  }

  private async offer(): Promise<void> {
    if (this.state?.room.offer?.member === this.id) return this.send({ type: "room.transfer" });
    const answer = await confirm({ title: texts.offerTitle(this.name()), text: texts.offerText, go: texts.offerDone });
    if (answer !== null) await this.send({ type: "room.transfer", member: this.id });
  }

  private async send(command: Command): Promise<void> {
    putProblem(this.problem, null);
    try {
      await this.uses.send(command);
    } catch (error) {
      putProblem(this.problem, error);
    }
  }
}

function action(text: string, kind = ""): HTMLButtonElement {
  const button = el("button", kind, text);
  button.type = "button";
  return button;
}
