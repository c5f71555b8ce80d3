/** The element of index.html with this id; the page is broken without it, so that it is an error. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`);
  return element;
}

/** A new element; text goes in as text, never as markup. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

export interface Row<T> {
  root: HTMLElement;
  update(value: T): void;
}

/** A list that keeps the element of each key across updates, so that focus and scrolling survive them. */
export class KeyedList<T> {
  private rows = new Map<string, Row<T>>();

  constructor(
    private readonly list: HTMLElement,
    private readonly key: (value: T) => string,
    private readonly create: (value: T) => Row<T>,
  ) {}

  update(values: readonly T[]): void {
    const keys = new Set(values.map(this.key));
    for (const [key, row] of this.rows) if (!keys.has(key)) row.root.remove();
    const rows = new Map<string, Row<T>>();
    let place = this.list.firstElementChild;
    for (const value of values) {
      const key = this.key(value);
      const row = this.rows.get(key) ?? this.create(value);
      row.update(value);
      rows.set(key, row);
      if (row.root === place) place = place.nextElementSibling;
      else this.list.insertBefore(row.root, place);
    }
    this.rows = rows;
  }
}
