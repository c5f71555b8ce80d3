import { settings as texts } from "../strings";
import { byId } from "./dom";
import { prefer, watchPrefs, type Prefs } from "./prefs";

/** The dialog of the settings, and those of this browser in it. */
export function openableSettings(): void {
  const dialog = byId("settings", HTMLDialogElement);
  byId("open-settings", HTMLButtonElement).addEventListener("click", () => dialog.showModal());
  byId("settings-close", HTMLButtonElement).addEventListener("click", () => dialog.close());
  // The dialog's box is filled by what lies in it: only the backdrop is the dialog itself.
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());

  const theme = byId("pref-theme", HTMLSelectElement);
  const captions = byId("pref-captions", HTMLSelectElement);
  const shortcuts = byId("pref-shortcuts", HTMLInputElement);
  offer(theme, texts.themes);
  offer(captions, texts.captionSizes);
  theme.addEventListener("change", () => prefer({ theme: theme.value as Prefs["theme"] }));
  captions.addEventListener("change", () => prefer({ captions: captions.value as Prefs["captions"] }));
  shortcuts.addEventListener("change", () => prefer({ shortcuts: shortcuts.checked }));
  watchPrefs((prefs) => {
    theme.value = prefs.theme;
    captions.value = prefs.captions;
    shortcuts.checked = prefs.shortcuts;
  });
}

function offer(select: HTMLSelectElement, choices: Readonly<Record<string, string>>): void {
  for (const [value, text] of Object.entries(choices)) select.add(new Option(text, value));
}
