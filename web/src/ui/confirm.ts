import { confirmation } from "../strings";
import { el } from "./dom";
import { giveOptions, type Option } from "./options";

export interface Question {
  title: string;
  text: string;
  /** What the button that goes on says. */
  go: string;
  /** Asks for a line of text as well. */
  field?: { label: string; longest: number };
  /** And for one of these. */
  choice?: { label: string; options: readonly Option[] };
}

export interface Answer {
  text: string;
  chosen: string;
}

/** Asks before something is done that hurts; null: better not. Otherwise what was written and chosen, if anything. */
export function confirm({ title, text, go, field, choice }: Question): Promise<Answer | null> {
  const dialog = el("dialog", "confirm");
  const form = el("form");
  const heading = el("h2", "", title);
  const [input, select] = [el("input"), el("select")];
  const [yes, no] = [el("button", "danger", go), el("button", "", confirmation.cancel)];
  const buttons = el("div", "row");
  heading.id = "confirm-title";
  heading.dir = "auto";
  dialog.setAttribute("aria-labelledby", heading.id);
  form.method = "dialog";
  no.type = "button";
  buttons.append(no, yes);
  form.append(heading, el("p", "", text));
  if (choice !== undefined) {
    giveOptions(select, choice.options);
    form.append(labelled(select, choice.label));
  }
  if (field !== undefined) {
    input.maxLength = field.longest;
    form.append(labelled(input, field.label));
  }
  form.append(buttons);
  dialog.append(form);
  document.body.append(dialog);
  no.addEventListener("click", () => dialog.close());
  yes.value = "yes";
  dialog.showModal();
  if (field === undefined && choice === undefined) no.focus();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes" ? { text: input.value.trim(), chosen: select.value } : null);
    });
  });
}

function labelled(control: HTMLElement, label: string): HTMLElement {
  const wrapper = el("label", "", label);
  wrapper.append(control);
  return wrapper;
}
