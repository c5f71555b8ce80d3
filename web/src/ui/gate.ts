import type { NewRoom } from "../net/api";
import type { Admission, Shown } from "../net/door";
import { Problem, secondsToWait } from "../net/problem";
import { gate as texts, joinRules } from "../strings";
import { byId } from "./dom";
import { Field } from "./field";
import { giveOptions } from "./options";
import { inviteIn, roomIn } from "./route";
import { whyNotIn } from "./why";

/** Somebody goes through the gate, into a room that exists or one to be made. */
export interface Entry extends Shown {
  displayName: string;
  /** The room to join, or null to create one. */
  room: string | null;
  newRoom: NewRoom;
}

type Said = { title: string; intro: string; submit: string };

/** The form before the room: a name, and a room to create or to join with what that takes. */
export class Gate {
  private readonly section = byId("gate", HTMLElement);
  private readonly form = byId("gate-form", HTMLFormElement);
  private readonly name = new Field("display-name");
  private readonly roomName = new Field("new-room-name");
  private readonly rule = byId("new-room-rule", HTMLSelectElement);
  private readonly newPassword = new Field("new-room-password");
  private readonly password = new Field("room-password");
  private readonly message = new Field("knock-message");
  private readonly link = new Field("room-link");
  private readonly listed = byId("new-room-listed", HTMLInputElement);
  private readonly submit = byId("gate-submit", HTMLButtonElement);
  private readonly problem = byId("gate-problem", HTMLElement);
  private readonly reason = byId("gate-reason", HTMLElement);
  private room: string | null = null;
  private invite: string | null = null;

  constructor(
    private readonly enter: (entry: Entry) => Promise<Admission>,
    private readonly waits: (room: string) => void,
  ) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.go();
    });
    byId("link-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const room = roomIn(this.link.value);
      if (room === null) return this.link.complain(texts.noRoomLink);
      this.open(room, this.name.value, "", inviteIn(this.link.value));
    });
    giveOptions(this.rule, Object.entries(joinRules).map(([value, text]) => ({ value, text })));
    this.rule.addEventListener("change", () => this.ask("new-room-password-asked", this.rule.value === "password"));
  }

  /** Shows the gate of a room, or of a room to be; to who was shown out, with the reason. */
  open(room: string | null, displayName: string, reason = "", invite: string | null = null): void {
    this.reason.hidden = reason === "";
    this.reason.textContent = reason;
    this.room = room;
    this.invite = invite;
    this.name.value = displayName;
    this.problem.textContent = "";
    const joining = room !== null;
    this.say(!joining ? texts.create : reason !== "" ? texts.back : invite !== null ? texts.invited : texts.join);
    this.form.hidden = false;
    byId("new-room", HTMLElement).hidden = joining;
    byId("link-form", HTMLElement).hidden = joining;
    byId("gate-another", HTMLElement).hidden = !joining;
    for (const asked of ["password-asked", "message-asked"]) this.ask(asked, false);
    this.section.hidden = false;
    if (reason !== "") byId("gate-title", HTMLElement).focus();
    else if (displayName === "") this.name.focus();
    else if (joining) this.submit.focus();
    else this.roomName.focus();
  }

  /** The form makes room for a page that waits. */
  wait(): void {
    this.say(texts.waiting);
    this.form.hidden = true;
    this.reason.hidden = true;
    byId("gate-title", HTMLElement).focus();
  }

  close(): void {
    this.section.hidden = true;
  }

  private say({ title, intro, submit = "" }: Partial<Said>): void {
    byId("gate-title", HTMLElement).textContent = title ?? "";
    byId("gate-intro", HTMLElement).textContent = intro ?? "";
    this.submit.textContent = submit;
  }

  private ask(id: string, asked: boolean): void {
    byId(id, HTMLElement).hidden = !asked;
  }

  private isAsked(id: string): boolean {
    return !byId(id, HTMLElement).hidden;
  }

  private async go(): Promise<void> {
    this.problem.textContent = "";
    this.reason.hidden = true;
    if (this.lacks()) return;
    this.submit.disabled = true;
    try {
      this.answer(await this.enter(this.entry()));
    } catch (error) {
      this.refuse(error);
    }
    this.submit.disabled = false;
    if (!this.section.hidden && document.activeElement === document.body) this.submit.focus();
  }

  private entry(): Entry {
    const { room, invite } = this;
    const newRoom = { name: this.roomName.value, listed: this.listed.checked, joinRule: this.rule.value, password: this.newPassword.raw };
    const password = this.isAsked("password-asked") ? this.password.raw : "";
    const message = this.isAsked("message-asked") ? this.message.value : null;
    return { displayName: this.name.value, room, newRoom, invite, password, message };
  }

  /** Whether something is missing; the first field that is wrong has the focus in the end. */
  private lacks(): boolean {
    const missing = (field: Field, asked: boolean, text: string) => {
      if (asked && field.value === "") field.complain(text);
      return asked && field.value === "";
    };
    const creating = this.room === null;
    return [
      missing(this.newPassword, creating && this.rule.value === "password", texts.passwordMissing),
      missing(this.password, this.isAsked("password-asked"), texts.locked.title),
      missing(this.roomName, creating, texts.roomNameMissing),
      missing(this.name, true, texts.nameMissing),
    ].includes(true);
  }

  private answer(admission: Admission): void {
    if (admission === "waiting" && this.room !== null) this.waits(this.room);
    if (admission === "asks_password") this.askFor("password-asked", texts.locked, this.password);
    if (admission === "asks_message") this.askFor("message-asked", texts.knock, this.message);
  }

  private askFor(id: string, said: Said, field: Field): void {
    this.say(said);
    this.ask(id, true);
    field.focus();
  }

  private refuse(error: unknown): void {
    const code = error instanceof Problem ? error.code : "";
    const guessing = this.isAsked("password-asked");
    if (code === "wrong_password") return this.password.complain(texts.passwordWrong);
    if (guessing && code === "rate_limited") return this.password.complain(texts.passwordTooOften(secondsToWait(error as Problem)));
    // An invite that is worth nothing is not shown again.
    if (code === "invalid_invite") this.invite = null;
    this.problem.textContent = whyNotIn(error);
  }
}
