import type { Hindrance } from "../state/hindrance";
import { differing, stanceOf, withStance, type Stance } from "../state/overrides";
import { PERMISSIONS, type Permission } from "../state/permissions";
import type { Overrides } from "../state/types";
import { rights as texts } from "../strings";
import { askWhy } from "./ask_why";
import { el } from "./dom";
import { StanceControl } from "./stance_control";

export interface RightEntry {
  /** Whether they have the right with what is chosen. */
  may: boolean;
  why: Hindrance | null;
  /** Why it can never be allowed. */
  never: string | null;
}

/** The rights of somebody: what is said of each, and what comes of it. */
export class RightsList {
  readonly root = el("div", "rights");
  private readonly rows: Right[];

  constructor(
    private readonly changed: (overrides: Overrides) => void,
    member: () => string,
  ) {
    this.rows = PERMISSIONS.map((permission) => new Right(permission, (stance) => this.choose(permission, stance), member));
    for (const [group, title] of Object.entries(texts.groups)) {
      const list = el("ul");
      list.ariaLabel = title;
      list.append(...this.rows.filter(({ permission }) => groupOf(permission) === group).map(({ root }) => root));
      this.root.append(el("h4", "", title), list);
    }
  }

  private shown: Overrides = { allow: [], deny: [] };

  /** `kept` is what the room has: what differs from it is marked. */
  show(name: string, shown: Overrides, kept: Overrides, entry: (permission: Permission) => RightEntry): void {
    this.shown = shown;
    const changes = differing(shown, kept);
    for (const row of this.rows) {
      row.show(name, stanceOf(shown, row.permission), entry(row.permission), changes.includes(row.permission));
    }
  }

  private choose(permission: Permission, stance: Stance): void {
    this.changed(withStance(this.shown, permission, stance));
  }
}

class Right {
  readonly root = el("li", "right");
  private readonly control: StanceControl;
  private readonly result = el("button", "quiet result");

  constructor(
    readonly permission: Permission,
    chosen: (stance: Stance) => void,
    member: () => string,
  ) {
    const label = texts.names[permission] ?? permission;
    this.control = new StanceControl(permission, label, chosen);
    this.result.type = "button";
    this.result.addEventListener("click", () => askWhy({ permission, member: member() }, this.result));
    this.root.append(el("span", "name", label), this.control.root, this.result);
  }

  show(name: string, stance: Stance, { may, why, never }: RightEntry, changed: boolean): void {
    this.control.show(stance, why, never);
    this.root.classList.toggle("changed", changed);
    this.result.dataset["may"] = String(may);
    this.result.textContent = may ? texts.may : texts.mayNot;
    this.result.setAttribute("aria-label", texts.result(name, texts.names[this.permission] ?? "", may));
  }
}

function groupOf(permission: Permission): string {
  const family = permission.split(".", 1)[0] ?? "";
  return { roles: "members", permissions: "members" }[family] ?? family;
}
