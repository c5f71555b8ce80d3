import { publish as texts } from "../strings/live";
import { el } from "./dom";

/** Whether the text could be copied. */
export type Copy = (text: string) => Promise<boolean>;

/** A text to take elsewhere, with a button that copies it. */
export class CopyRow {
  readonly root = el("div", "copy");
  private readonly field = el("input");
  private readonly news = el("p", "hint");

  constructor(
    id: string,
    label: string,
    private readonly copy: Copy,
    private readonly copied = texts.copied,
  ) {
    const [row, button] = [el("div", "row"), el("button", "", texts.copy)];
    this.field.id = id;
    this.field.readOnly = true;
    this.field.ariaLabel = label;
    this.news.role = "status";
    button.type = "button";
    button.ariaLabel = texts.copyOf(label);
    button.addEventListener("click", () => void this.take());
    row.append(this.field, button);
    this.root.append(row, this.news);
  }

  put(text: string): void {
    if (this.field.value !== text) this.news.textContent = "";
    this.field.value = text;
  }

  focus(): void {
    this.field.focus();
    this.field.select();
  }

  private async take(): Promise<void> {
    this.news.textContent = (await this.copy(this.field.value)) ? this.copied : texts.byHand;
    this.field.select();
  }
}
