import type { Outcome } from "../state/say_over";
import { rights as texts } from "../strings";
import { el } from "./dom";
import { putProblem } from "./why_button";

export interface DraftUses<T> {
  /** Saves what was chosen. */
  save(): Promise<Outcome<T>>;
  /** Goes back to what the room has. */
  undo(): void;
  /** What they chose has been seen, and is changed now. */
  keep(conflict: Extract<Outcome<T>, { kind: "conflict" }>): void;
  /** Who changed it last. */
  changedBy(): string;
  what: string;
}

/** Saves several changes at once, and tells when somebody else has changed the same meanwhile. */
export class DraftBar<T> {
  readonly root = el("div", "draft");
  private readonly count = el("span");
  private readonly message = el("p", "problem");
  private readonly buttons = el("div", "row");
  private readonly save = button("primary", texts.save);
  private readonly undo = button("", texts.undo);

  constructor(private readonly uses: DraftUses<T>) {
    this.message.role = "alert";
    this.save.addEventListener("click", () => void this.go());
    this.undo.addEventListener("click", () => this.settle());
    this.root.append(this.message, this.count, this.buttons);
    this.show(0);
  }

  show(changes: number): void {
    this.root.hidden = changes === 0 && this.message.textContent === "";
    this.count.textContent = changes === 0 ? "" : texts.changes(changes);
    if (!this.buttons.contains(this.save) && this.message.textContent === "") this.buttons.replaceChildren(this.undo, this.save);
    this.buttons.hidden = changes === 0;
  }

  /** Nothing is left to say. */
  private settle(): void {
    putProblem(this.message, null);
    this.uses.undo();
  }

  private async go(): Promise<void> {
    putProblem(this.message, null);
    this.save.disabled = true;
    try {
      const outcome = await this.uses.save();
      if (outcome.kind === "saved") this.settle();
      else this.conflict(outcome);
    } catch (error) {
      putProblem(this.message, error);
      this.root.hidden = false;
    }
    this.save.disabled = false;
  }

  private conflict(outcome: Extract<Outcome<T>, { kind: "conflict" }>): void {
    this.message.textContent = texts.conflict(this.uses.changedBy(), this.uses.what);
    const [keep, take] = [button("", texts.keepMine), button("", texts.takeTheirs)];
    const back = () => {
      putProblem(this.message, null);
      this.buttons.replaceChildren(this.undo, this.save);
    };
    keep.addEventListener("click", () => {
      back();
      this.uses.keep(outcome);
      void this.go();
    });
    take.addEventListener("click", () => {
      back();
      this.settle();
    });
    this.buttons.replaceChildren(take, keep);
    keep.focus();
  }
}

function button(kind: string, text: string): HTMLButtonElement {
  const made = el("button", kind, text);
  made.type = "button";
  return made;
}
