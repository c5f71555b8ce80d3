import type { Hindrance } from "../state/hindrance";
import { sayOver } from "../state/say_over";
import type { Room } from "../state/types";
import { joinRules, settings as texts } from "../strings";
import { Barred } from "./barred";
import { el } from "./dom";
import { giveOptions } from "./options";
import { bar, onUse } from "./permitted";
import { putProblem } from "./why_button";

export interface JoinRuleHooks {
  /** Changes the rule; the room as it is now if it has moved. */
  send(fields: Record<string, unknown>): Promise<Room | "done">;
  changedBy(): string;
}

const words = (rule: string) => (joinRules as Readonly<Record<string, string>>)[rule] ?? rule;

/** How one gets into the room. A password goes with its rule, and is never shown. */
export class JoinRuleField {
  readonly root = el("div", "field line");
  private readonly select = el("select");
  private readonly password = el("input");
  private readonly save = el("button", "", texts.setPassword);
  private readonly more = el("div", "row");
  private readonly message = el("p", "hint");
  private readonly choice = el("p", "row");
  private readonly barred: Barred;
  private room: Room | null = null;
  /** The room on which a choice that is not saved was made. */
  private base: Room | null = null;

  constructor(private readonly hooks: JoinRuleHooks) {
    const label = el("label", "", texts.joinRule);
    this.select.id = label.htmlFor = "setting-join_rule";
    giveOptions(this.select, Object.entries(joinRules).map(([value, text]) => ({ value, text })));
    this.password.type = "password";
    this.password.maxLength = 128;
    this.password.autocomplete = "new-password";
    this.password.id = "setting-password";
    this.password.setAttribute("aria-label", texts.newPassword);
    this.password.placeholder = texts.newPassword;
    this.save.type = "button";
    this.message.role = "status";
    this.more.append(this.password, this.save);
    this.root.append(label, this.select, this.more, this.message, this.choice);
    this.barred = new Barred(this.select);
    this.select.addEventListener("change", () => this.choose());
    onUse(this.save, () => void this.go());
    this.choice.hidden = true;
  }

  show(room: Room, why: Hindrance | null): void {
    this.room = room;
    this.barred.set(why?.text ?? null, why?.lacks);
    bar(this.save, why);
    this.password.readOnly = why !== null;
    if (this.base === null) this.select.value = room.join_rule;
    this.more.hidden = this.select.value !== "password";
  }

  private choose(): void {
    this.base ??= this.room;
    this.tell("");
    this.more.hidden = this.select.value !== "password";
    if (this.more.hidden) void this.go();
    else this.password.focus();
  }

  private async go(): Promise<void> {
    const base = this.base ?? this.room;
    const rule = this.select.value;
    const password = this.password.value;
    if (base === null) return;
    if (rule === "password" && password === "") return this.tell(texts.passwordMissing, "problem");
    const fields = { join_rule: rule, ...(rule === "password" ? { password } : {}) };
    try {
      const outcome = await sayOver({
        base,
        wanted: rule,
        read: (room) => room.join_rule,
        // A password is another one even under the same rule.
        same: (one, other) => one === other && rule !== "password",
        say: (over) => this.hooks.send({ ...fields, expect: { settings: over.versions.settings } }),
      });
      if (outcome.kind === "saved") this.settle(texts.saved);
      else if (outcome.theirs === base.join_rule) this.again(outcome.room);
      else this.conflict(outcome.room);
    } catch (error) {
      this.settle("");
      this.message.className = "problem";
      putProblem(this.message, error);
    }
  }

  /** Something else moved: the same is said over that. */
  private again(room: Room): void {
    this.base = room;
    void this.go();
  }

  private conflict(room: Room): void {
    const theirs = words(room.join_rule);
    this.tell(texts.conflict(this.hooks.changedBy(), theirs));
    const keep = el("button", "", texts.keepMine(words(this.select.value)));
    const take = el("button", "", texts.takeTheirs(theirs));
    keep.type = take.type = "button";
    keep.addEventListener("click", () => this.again(room));
    take.addEventListener("click", () => this.settle(""));
    this.choice.replaceChildren(keep, take);
    this.choice.hidden = false;
    keep.focus();
  }

  private settle(text: string): void {
    const within = this.choice.contains(document.activeElement);
    this.base = null;
    this.password.value = "";
    this.tell(text);
    if (this.room !== null) this.select.value = this.room.join_rule;
    this.more.hidden = this.select.value !== "password";
    if (within) this.select.focus();
  }

  private tell(text: string, kind: "hint" | "problem" = "hint"): void {
    this.message.textContent = text;
    this.message.className = kind;
    this.choice.hidden = true;
  }
}
