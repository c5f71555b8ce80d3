import { settings as texts } from "../strings";
import { el } from "./dom";

let made = 0;

/** A dialog over the page with a title and a way out of it. */
export class Sheet {
  readonly root = el("dialog", "settings sheet");
  readonly body = el("div", "sheet-body");
  private readonly heading = el("h2");
  private readonly under = el("p");

  constructor(name: string) {
    const header = el("header");
    const close = el("button", "quiet", "×");
    close.type = "button";
    close.ariaLabel = texts.close;
    close.addEventListener("click", () => this.root.close());
    this.heading.id = `sheet-${(made += 1)}`;
    this.heading.dir = "auto";
    this.root.id = name;
    this.root.setAttribute("aria-labelledby", this.heading.id);
    const said = el("div");
    said.append(this.heading, this.under);
    header.append(said, close);
    this.root.append(header, this.body);
    // The dialog's box is filled by what lies in it: only the backdrop is the dialog itself.
    this.root.addEventListener("click", ({ target }) => target === this.root && this.root.close());
    document.body.append(this.root);
  }

  get isOpen(): boolean {
    return this.root.open;
  }

  title(text: string, under = ""): void {
    if (this.heading.textContent !== text) this.heading.textContent = text;
    if (this.under.textContent !== under) this.under.textContent = under;
  }

  open(): void {
    if (!this.root.open) this.root.showModal();
  }

  close(): void {
    this.root.close();
  }
}

/** A part of a sheet under a heading of its own. */
export function part(title: string, ...content: HTMLElement[]): HTMLElement {
  const section = el("section");
  const heading = el("h3", "", title);
  heading.id = `sheet-part-${(made += 1)}`;
  heading.dir = "auto";
  section.setAttribute("aria-labelledby", heading.id);
  section.append(heading, ...content);
  return section;
}
