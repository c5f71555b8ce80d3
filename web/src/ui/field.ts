import { byId } from "./dom";

/** A field of a form, with what is wrong with it beside it. */
export class Field {
  private readonly input: HTMLInputElement;
  private readonly problem: HTMLElement;

  /** By the id of its input; the place for the problem has the same with `-problem`. */
  constructor(id: string) {
    this.input = byId(id, HTMLInputElement);
    this.problem = byId(`${id}-problem`, HTMLElement);
    this.input.addEventListener("input", () => this.clear());
  }

  get value(): string {
    return this.input.value.trim();
  }

  /** As it was typed: spaces count in a password. */
  get raw(): string {
    return this.input.value;
  }

  set value(value: string) {
    this.input.value = value;
    this.clear();
  }

  focus(): void {
    this.input.focus();
  }

  complain(text: string): void {
    this.problem.textContent = text;
    this.input.ariaInvalid = "true";
    this.input.focus();
  }

  clear(): void {
    this.problem.textContent = "";
    this.input.removeAttribute("aria-invalid");
  }
}
