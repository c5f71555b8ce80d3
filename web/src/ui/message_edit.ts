import type { Message } from "../state/reducer_chat";
import { chat } from "../strings";
import { el } from "./dom";

/** Writes a message anew, in its place. One at a time. */
export class MessageEdit {
  private stop: (() => void) | null = null;

  constructor(private readonly save: (message: Message, text: string) => Promise<boolean>) {}

  begin(row: HTMLElement, message: Message): void {
    this.stop?.();
    const form = el("form", "edit");
    const input = el("input");
    const [save, cancel] = [el("button", "primary", chat.save), el("button", "", chat.cancel)];
    cancel.type = "button";
    input.value = message.text ?? "";
    input.maxLength = 4000;
    input.required = true;
    input.dir = "auto";
    input.setAttribute("aria-label", chat.editing);
    form.append(input, save, cancel);
    this.stop = () => {
      this.stop = null;
      row.classList.remove("editing");
      form.remove();
      row.focus({ preventScroll: true });
    };
    cancel.addEventListener("click", () => this.stop?.());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.done(message, input.value.trim());
    });
    form.addEventListener("keydown", (event) => {
      // The keys of the row are not meant.
      event.stopPropagation();
      if (event.key === "Escape") this.stop?.();
    });
    row.classList.add("editing");
    row.querySelector(".text")?.after(form);
    input.focus();
    input.setSelectionRange(input.value.length, input.value.length);
  }

  /** What is refused stays to be written. */
  private async done(message: Message, text: string): Promise<void> {
    const { stop } = this;
    if (text === "") return;
    if (text === message.text || (await this.save(message, text))) if (stop === this.stop) stop?.();
  }
}
