import type { Hindrance } from "../state/hindrance";
import type { Permission } from "../state/permissions";
import type { Stance } from "../state/overrides";
import { rights as texts } from "../strings";
import { el } from "./dom";
import { bar, mayUse } from "./permitted";

const STANCES: readonly Stance[] = ["usual", "allow", "deny"];
const SIGNS = { usual: "·", allow: "✓", deny: "✕" };
const MOVING = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", " "];

/** Chooses between as usual, allowed and denied. */
export class StanceControl {
  readonly root = el("span", "stances");
  private readonly inputs = new Map<Stance, HTMLInputElement>();

  constructor(
    permission: Permission,
    label: string,
    private readonly chosen: (stance: Stance) => void,
  ) {
    this.root.role = "radiogroup";
    this.root.ariaLabel = label;
    this.root.append(...STANCES.map((stance) => this.choice(permission, stance)));
    this.root.addEventListener("click", (event) => this.hold(event), { capture: true });
    this.root.addEventListener("keydown", (event) => MOVING.includes(event.key) && this.hold(event), { capture: true });
  }

  /** `never` says why it can never be allowed. */
  show(stance: Stance, why: Hindrance | null, never: string | null): void {
    const input = this.inputs.get(stance);
    if (input !== undefined && !input.checked) input.checked = true;
    bar(this.root, why);
    const allow = this.inputs.get("allow")?.parentElement;
    if (allow) bar(allow, why === null && never !== null && stance !== "allow" ? { text: never } : null);
  }

  private choice(permission: Permission, stance: Stance): HTMLElement {
    const label = el("label", "stance");
    const input = el("input");
    const sign = el("span", "", SIGNS[stance]);
    label.dataset["stance"] = stance;
    sign.ariaHidden = "true";
    input.type = "radio";
    input.name = `stance-${permission}`;
    input.ariaLabel = texts.stances[stance];
    input.addEventListener("change", () => this.chosen(stance));
    this.inputs.set(stance, input);
    label.append(input, sign);
    return label;
  }

  /** What is greyed stays as it is, and says why. */
  private hold(event: Event): void {
    const label = (event.target as Element).closest<HTMLElement>("label");
    const barred = [this.root, label].find((part) => part?.ariaDisabled === "true");
    if (barred == null) return;
    event.preventDefault();
    event.stopPropagation();
    mayUse(barred);
  }
}
