/** What somebody chose for this browser, in all its tabs. */
export interface Prefs {
  theme: "system" | "light" | "dark";
  /** Whether single keys do something (WCAG 2.1.4). */
  shortcuts: boolean;
  captions: "small" | "medium" | "large";
  /** The name given last. */
  name: string;
}

const KEY = "synctv.prefs";
const USUAL: Prefs = { theme: "system", shortcuts: true, captions: "medium", name: "" };
const CHOICES = { theme: ["system", "light", "dark"], captions: ["small", "medium", "large"] };

let kept: Prefs | null = null;
const watchers: ((prefs: Prefs) => void)[] = [];

export function prefs(): Prefs {
  return (kept ??= parse(stored()));
}

export function prefer(change: Partial<Prefs>): void {
  kept = { ...prefs(), ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Without storage they hold until the page is left.
  }
  tell();
}

/** Calls back now and after every change, one made in another tab included. */
export function watchPrefs(watcher: (prefs: Prefs) => void): void {
  watchers.push(watcher);
  watcher(prefs());
}

/** To be called once, so that other tabs are followed. */
export function followOtherTabs(): void {
  window.addEventListener("storage", ({ key }) => {
    if (key !== KEY) return;
    kept = null;
    tell();
  });
}

/** How the page looks is up to the style sheet, which reads it from the root element. */
export function applyLook({ theme, captions }: Prefs, root: HTMLElement = document.documentElement): void {
  root.dataset["theme"] = theme;
  root.dataset["captions"] = captions;
}

/** What is missing or makes no sense is as usual. */
export function parse(text: string | null): Prefs {
  const found = read(text);
  const chosen = <K extends keyof typeof CHOICES>(key: K): Prefs[K] =>
    CHOICES[key].includes(found[key] as string) ? (found[key] as Prefs[K]) : USUAL[key];
  return {
    theme: chosen("theme"),
    captions: chosen("captions"),
    shortcuts: typeof found["shortcuts"] === "boolean" ? found["shortcuts"] : USUAL.shortcuts,
    name: typeof found["name"] === "string" ? found["name"] : USUAL.name,
  };
}

function read(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function tell(): void {
  for (const watcher of watchers) watcher(prefs());
}
