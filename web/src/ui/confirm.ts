import { confirmation } from "../strings";
import { el } from "./dom";

export interface Question {
  title: string;
  text: string;
  /** What the button that goes on says. */
  go: string;
  /** Asks for a line of text as well. */
  field?: { label: string; longest: number };
}

/** Asks before something is done that hurts; null: better not. Otherwise what was written, if anything. */
export function confirm({ title, text, go, field }: Question): Promise<string | null> {
  const dialog = el("dialog", "confirm");
  const form = el("form");
  const heading = el("h2", "", title);
  const input = el("input");
  const [yes, no] = [el("button", "danger", go), el("button", "", confirmation.cancel)];
  const buttons = el("div", "row");
  heading.id = "confirm-title";
  heading.dir = "auto";
  dialog.setAttribute("aria-labelledby", heading.id);
  form.method = "dialog";
  no.type = "button";
  buttons.append(no, yes);
  form.append(heading, el("p", "", text), ...(field === undefined ? [] : [labelled(input, field)]), buttons);
  dialog.append(form);
  document.body.append(dialog);
  no.addEventListener("click", () => dialog.close());
  yes.value = "yes";
  dialog.showModal();
  if (field === undefined) no.focus();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes" ? input.value.trim() : null);
    });
  });
}

function labelled(input: HTMLInputElement, { label, longest }: NonNullable<Question["field"]>): HTMLElement {
  const wrapper = el("label", "", label);
  input.maxLength = longest;
  wrapper.append(input);
  return wrapper;
}
