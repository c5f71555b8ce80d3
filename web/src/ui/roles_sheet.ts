import { hindrance, type Hindrance } from "../state/hindrance";
import { differing, stanceOf, withStance, type Stance } from "../state/overrides";
import { ceiling, outranks, PERMISSIONS, reaches, type Permission } from "../state/permissions";
import type { State } from "../state/reducer";
import { holds, lacking } from "../state/rights";
import { sayOver } from "../state/say_over";
import { CHANGEABLE, type Changeable, type Command, type Room, type Settings } from "../state/types";
import { members, reasons, refused, rights as texts } from "../strings";
import { DraftBar } from "./draft_bar";
import { el } from "./dom";
import { bar, onUse } from "./permitted";
import { Sheet } from "./sheet";

type Permissions = Settings["permissions"];

export interface RolesUses {
  me: string;
  /** The room as it is now, if that is in the way. */
  say(command: Command): Promise<Room | "done">;
}

const NEXT: Readonly<Record<Stance, Stance>> = { usual: "allow", allow: "deny", deny: "usual" };

/** Which roles have which rights in this room, as a table. */
export class RolesSheet {
  private readonly sheet = new Sheet("roles");
  private readonly cells: Cell[] = [];
  private readonly bar: DraftBar<Permissions>;
  private state: State | null = null;
  private draft: { permissions: Permissions; base: Room } | null = null;

  constructor(private readonly uses: RolesUses) {
    this.bar = new DraftBar<Permissions>({
      save: () => this.save(),
      undo: () => this.drop(),
      keep: ({ room }) => this.draft && (this.draft = { ...this.draft, base: room }),
      changedBy: () => this.changer(),
      what: members.theseRights,
    });
    const section = el("section");
    section.append(el("p", "hint", texts.tableHint), this.table(), this.bar.root);
    this.sheet.title(texts.ofRoles);
    this.sheet.body.append(section);
  }

  open(): void {
    this.render();
    this.sheet.open();
  }

  show(state: State): void {
    this.state = state;
    if (this.sheet.isOpen) this.render();
  }

  private table(): HTMLElement {
    const [table, head, body] = [el("table", "matrix"), el("tr"), el("tbody")];
    const corner = el("td");
    head.append(corner, ...CHANGEABLE.map((role) => heading(texts.short[role], "col")));
    const top = el("thead");
    top.append(head);
    for (const permission of PERMISSIONS) {
      const row = el("tr");
      row.append(heading(texts.names[permission] ?? permission, "row"), ...CHANGEABLE.map((role) => this.cell(role, permission)));
      body.append(row);
    }
    table.append(top, body);
    return table;
  }

  private cell(role: Changeable, permission: Permission): HTMLElement {
    const cell = new Cell(role, permission, (stance) => this.choose(role, permission, stance));
    const place = el("td");
    this.cells.push(cell);
    place.append(cell.button);
    return place;
  }

  private render(): void {
    const room = this.state?.room;
    if (room === undefined) return;
    const kept = room.settings.permissions;
    const shown = this.draft?.permissions ?? kept;
    const all = hindrance(room, this.uses.me, "room.settings");
    for (const cell of this.cells) {
      const { role, permission } = cell;
      const may = lacking({ ...room.settings, permissions: shown }, { role }, permission) === null;
      const changed = stanceOf(shown[role], permission) !== stanceOf(kept[role], permission);
      cell.show(stanceOf(shown[role], permission), may, changed, all ?? this.whyNot(room, role, permission));
    }
    this.bar.show(CHANGEABLE.flatMap((role) => differing(shown[role], kept[role])).length);
  }

  private whyNot(room: Room, role: Changeable, permission: Permission): Hindrance | null {
    const mine = room.members.find(({ id }) => id === this.uses.me);
    if (!reaches(role, ceiling(permission))) return { text: texts.never(role) };
    if (mine === undefined || !outranks(mine.role, role)) return { text: refused.rank };
    return holds(room.settings, mine, permission) ? null : { text: texts.notOwn, lacks: permission };
  }

  private choose(role: Changeable, permission: Permission, stance: Stance): void {
    const room = this.state?.room;
    if (room === undefined) return;
    const now = this.draft?.permissions ?? room.settings.permissions;
    const permissions = { ...now, [role]: withStance(now[role], permission, stance) };
    this.draft = { permissions, base: this.draft?.base ?? room };
    this.render();
  }

  private drop(): void {
    this.draft = null;
    this.render();
  }

  private async save() {
    if (this.draft === null) return { kind: "saved" as const };
    const { permissions, base } = this.draft;
    const before = base.settings.permissions;
    const touched = CHANGEABLE.filter((role) => differing(permissions[role], before[role]).length > 0);
    const said = Object.fromEntries(touched.map((role) => [role, permissions[role]]));
    return sayOver<Permissions>({
      base,
      wanted: permissions,
      read: (room) => room.settings.permissions,
      same: (one, other) => touched.every((role) => differing(one[role], other[role]).length === 0),
      say: (over) => this.uses.say({ type: "room.update_settings", permissions: said, expect: { settings: over.versions.settings } }),
    });
  }

  private changer(): string {
    const changes = this.state?.log.filter(({ type, data }) => type === "room.settings_updated" && data?.["permissions"] != null);
    return this.state?.names[changes?.at(-1)?.actor?.id ?? ""] ?? reasons.somebody;
  }
}

/** A right of a role: each press says the next of as usual, allowed and denied. */
class Cell {
  readonly button = el("button", "cell");
  private stance: Stance = "usual";

  constructor(
    readonly role: Changeable,
    readonly permission: Permission,
    chosen: (stance: Stance) => void,
  ) {
    this.button.type = "button";
    onUse(this.button, () => chosen(NEXT[this.stance]));
  }

  show(stance: Stance, may: boolean, changed: boolean, why: Hindrance | null): void {
    this.stance = stance;
    this.button.dataset["stance"] = stance;
    this.button.dataset["may"] = String(may);
    this.button.dataset["never"] = String(!reaches(this.role, ceiling(this.permission)));
    this.button.dataset["changed"] = String(changed);
    const right = texts.names[this.permission] ?? this.permission;
    this.button.setAttribute("aria-label", texts.cell(right, this.role, texts.stances[stance], may));
    bar(this.button, why);
  }
}

function heading(text: string, scope: "row" | "col"): HTMLElement {
  const cell = el("th", "", text);
  cell.scope = scope;
  return cell;
}
