import type { Item } from "../state/types";
import { playlist as texts } from "../strings";
import { el } from "./dom";
import { clockTime, hostOf, titleOf } from "./format";
import type { Row } from "./keyed_list";
import { grey, mayUse, onUse } from "./permitted";

export interface PlaylistEntry {
  item: Item;
  addedBy: string;
  current: boolean;
  at: number;
  of: number;
  grabbed: boolean;
  /** The right that it takes to change it. */
  edit: "queue.edit_own" | "queue.edit_any";
  whyNotEdit: string | null;
  whyNotPlay: string | null;
}

export interface ItemUses {
  play(id: string): void;
  rename(id: string, title: string): Promise<boolean>;
  remove(id: string): void;
  move(id: string, at: number): void;
  toggle(id: string): void;
  key(key: string): boolean;
  leave(id: string): void;
  drag(id: string, start: PointerEvent): void;
}

/** An item of the playlist; what can be done with it, but for playing and moving, is folded away. */
export function playlistRow(id: string, uses: ItemUses): Row<PlaylistEntry> {
  const root = el("li");
  const line = el("div", "line");
  const grip = gripOf(id, uses);
  const choose = button("choose");
  const [title, meta] = [el("span", "title"), el("span", "meta")];
  const more = button("quiet more", "⋯");
  const actions = new ItemActions(id, uses, more);
  title.dir = "auto";
  choose.append(el("span", "visually-hidden", texts.play), title, meta);
  line.append(grip, choose, more);
  root.append(line, actions.root);
  onUse(choose, () => uses.play(id));
  return {
    root,
    update(entry) {
      const { item, current, at, of } = entry;
      const name = titleOf(item);
      root.classList.toggle("grabbed", entry.grabbed);
      title.textContent = name;
      meta.textContent = metaOf(entry);
      choose.setAttribute("aria-current", String(current));
      grip.setAttribute("aria-label", texts.grip(name, at + 1, of));
      grip.ariaPressed = String(entry.grabbed);
      more.setAttribute("aria-label", texts.more(name));
      grey(choose, entry.whyNotPlay, "playback.navigate");
      grey(grip, entry.whyNotEdit, entry.edit);
      actions.show(entry);
    },
  };
}

function metaOf({ item, addedBy, current }: PlaylistEntry): string {
  const length = item.duration_ms === null ? "" : clockTime(item.duration_ms);
  const parts = [current ? texts.nowPlaying : "", length, hostOf(item.url), texts.addedBy(addedBy)];
  return parts.filter(Boolean).join(" · ");
}

function gripOf(id: string, uses: ItemUses): HTMLButtonElement {
  const grip = button("grip", "≡");
  onUse(grip, () => undefined);
  grip.addEventListener("keydown", (event) => {
    const toggles = event.key === "Enter" || event.key === " ";
    if (!toggles && !uses.key(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (toggles && mayUse(grip)) uses.toggle(id);
  });
  grip.addEventListener("blur", () => requestAnimationFrame(() => document.activeElement !== grip && uses.leave(id)));
  grip.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && grip.ariaDisabled !== "true") uses.drag(id, event);
  });
  return grip;
}

class ItemActions {
  readonly root = el("div", "actions");
  private readonly rename = button("", texts.rename);
  private readonly moves = [button("", texts.up), button("", texts.down), button("", texts.top), button("", texts.end)];
  private readonly remove = button("danger", texts.remove);
  private entry: PlaylistEntry | null = null;

  constructor(
    private readonly id: string,
    private readonly uses: ItemUses,
    private readonly more: HTMLButtonElement,
  ) {
    this.root.hidden = true;
    more.ariaExpanded = "false";
    more.addEventListener("click", () => this.open(this.root.hidden !== false));
    this.root.append(this.rename, ...this.moves, this.remove);
    this.root.addEventListener("keydown", (event) => event.key === "Escape" && this.open(false));
    onUse(this.rename, () => this.edit());
    onUse(this.remove, () => uses.remove(id));
    for (const [index, button] of this.moves.entries()) onUse(button, () => uses.move(id, this.targets()[index] ?? 0));
  }

  show(entry: PlaylistEntry): void {
    this.entry = entry;
    for (const button of [this.rename, this.remove, ...this.moves]) grey(button, entry.whyNotEdit, entry.edit);
    for (const [index, button] of this.moves.entries()) button.disabled = this.targets()[index] === entry.at;
  }

  /** Up, down, to the top, to the end. */
  private targets(): number[] {
    const { at, of } = this.entry ?? { at: 0, of: 1 };
    return [Math.max(0, at - 1), Math.min(of - 1, at + 1), 0, of - 1];
  }

  private open(open: boolean): void {
    if (!open && this.root.contains(document.activeElement)) this.more.focus();
    this.root.hidden = !open;
    this.more.ariaExpanded = String(open);
  }

  private edit(): void {
    if (this.entry === null) return;
    const form = el("form", "edit");
    const input = el("input");
    const [save, cancel] = [el("button", "primary", texts.save), button("", texts.cancel)];
    input.value = titleOf(this.entry.item);
    input.maxLength = 200;
    input.required = true;
    input.dir = "auto";
    input.setAttribute("aria-label", texts.renaming);
    form.append(input, save, cancel);
    const stop = () => {
      form.remove();
      this.root.hidden = false;
      this.rename.focus();
    };
    cancel.addEventListener("click", stop);
    form.addEventListener("keydown", (event) => event.key === "Escape" && stop());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.uses.rename(this.id, input.value.trim()).then((done) => done && stop());
    });
    this.root.hidden = true;
    this.root.after(form);
    input.select();
  }
}

function button(className: string, words = ""): HTMLButtonElement {
  const made = el("button", className, words);
  made.type = "button";
  return made;
}
