import type { Hindrance } from "../state/hindrance";
import { saveSetting, settingOf, type Saved, type Setting } from "../state/settings";
import type { Room } from "../state/types";
import { settings as texts } from "../strings";
import { Barred } from "./barred";
import { el } from "./dom";
import { bar, mayUse } from "./permitted";
import { putProblem } from "./why_button";

export interface SettingHooks {
  /** Changes settings; the room as it is now if it has moved. */
  send(fields: Record<string, unknown>): Promise<Room | "done">;
  /** The name of who changed it last. */
  changedBy(setting: Setting): string;
}

type Chosen = Exclude<Setting, "name" | "max_members">;
type Control = HTMLInputElement | HTMLSelectElement;

/** One setting of the room: saved by itself, and shown as the room has it unless it is being edited. */
export class SettingField {
  readonly root: HTMLElement;
  private readonly control: Control;
  private readonly barred: Barred;
  private readonly button: HTMLButtonElement | null;
  private readonly message = el("p", "hint");
  private readonly choice = el("p", "row");
  private room: Room | null = null;
  /** The room on which an edit that is not saved was begun. */
  private base: Room | null = null;

  constructor(
    private readonly setting: Setting,
    private readonly hooks: SettingHooks,
  ) {
    const typed = setting === "name" || setting === "max_members";
    this.root = typed ? el("form", setting === "name" ? "field" : "field line") : el("div", "field line");
    this.button = typed ? el("button", "", texts.save) : null;
    const label = el("label", "", texts.names[setting]);
    this.control = setting === "name" ? nameInput() : setting === "max_members" ? numberInput() : choices(setting);
    this.control.id = label.htmlFor = `setting-${setting}`;
    this.message.id = `${this.control.id}-message`;
    this.message.role = "status";
    this.control.setAttribute("aria-describedby", this.message.id);
    this.root.append(label, ...this.withSave(), this.message, this.choice);
    this.barred = new Barred(this.control);
    this.choice.hidden = true;
    this.control.addEventListener("input", () => this.edit());
    this.root.addEventListener(typed ? "submit" : "change", (event) => {
      event.preventDefault();
      if (this.button === null || mayUse(this.button)) void this.save();
    });
  }

  show(room: Room, why: Hindrance | null): void {
    this.room = room;
    this.barred.set(why?.text ?? null, why?.lacks);
    if (this.control instanceof HTMLInputElement) this.control.readOnly = why !== null;
    if (this.button !== null) bar(this.button, why);
    if (this.base === null) this.put(settingOf(room, this.setting));
  }

  private withSave(): HTMLElement[] {
    if (this.button === null) return [this.control];
    const row = el("div", "row");
    this.button.type = "submit";
    row.append(this.control, this.button);
    return [row];
  }

  private edit(): void {
    this.base ??= this.room;
    this.tell("");
  }

  private async save(): Promise<void> {
    const base = this.base ?? this.room;
    const mine = this.control.value.trim();
    if (base === null || mine === settingOf(base, this.setting)) return this.settle("");
    try {
      this.finish(mine, await saveSetting((fields) => this.hooks.send(fields), base, this.setting, mine));
    } catch (error) {
      this.settle("", "problem");
      putProblem(this.message, error);
    }
  }

  private finish(mine: string, saved: Saved): void {
    if (saved.kind === "saved") return this.settle(texts.saved);
    const words = (value: string) => valueText(this.setting, value);
    this.tell(texts.conflict(this.hooks.changedBy(this.setting), words(saved.theirs)));
    const keep = el("button", "", texts.keepMine(words(mine)));
    const take = el("button", "", texts.takeTheirs(words(saved.theirs)));
    keep.type = take.type = "button";
    keep.addEventListener("click", () => {
      // What they chose has been seen: it is what is changed now.
      this.base = saved.room;
      this.put(mine);
      void this.save();
    });
    take.addEventListener("click", () => this.settle(""));
    this.choice.replaceChildren(keep, take);
    this.choice.hidden = false;
    keep.focus();
  }

  /** The edit is over: from now on the control follows the room. */
  private settle(text: string, kind: "hint" | "problem" = "hint"): void {
    const within = this.choice.contains(document.activeElement);
    this.base = null;
    this.tell(text, kind);
    if (this.room !== null) this.put(settingOf(this.room, this.setting));
    if (within) this.control.focus();
  }

  private tell(text: string, kind: "hint" | "problem" = "hint"): void {
    this.message.textContent = text;
    this.message.className = kind;
    this.choice.hidden = true;
  }

  private put(value: string): void {
    if (this.control.value !== value) this.control.value = value;
  }
}

function nameInput(): HTMLInputElement {
  const input = el("input");
  input.maxLength = 100;
  input.required = true;
  input.dir = "auto";
  input.autocomplete = "off";
  return input;
}

function numberInput(): HTMLInputElement {
  const input = el("input");
  input.type = "number";
  input.min = "1";
  input.max = "1000";
  input.required = true;
  input.inputMode = "numeric";
  return input;
}

function choices(setting: Chosen): HTMLSelectElement {
  const select = el("select");
  for (const [value, text] of Object.entries(texts.choices[setting])) select.add(new Option(text, value));
  return select;
}

function valueText(setting: Setting, value: string): string {
  if (setting === "name" || setting === "max_members") return value;
  return (texts.choices[setting] as Readonly<Record<string, string>>)[value] ?? value;
}
