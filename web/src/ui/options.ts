import { el } from "./dom";

export interface Option {
  value: string;
  text: string;
}

/** Gives these to choose from. A list that has them already is left alone: somebody may have it open. */
export function giveOptions(select: HTMLSelectElement, options: readonly Option[]): void {
  const same = ({ value, text }: HTMLOptionElement, at: number) => options[at]?.value === value && options[at]?.text === text;
  if (select.options.length === options.length && [...select.options].every(same)) return;
  select.replaceChildren(
    ...options.map(({ value, text }) => {
      const option = el("option", "", text);
      option.value = value;
      return option;
    }),
  );
}
