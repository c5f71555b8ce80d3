export interface Row<T> {
  root: HTMLElement;
  update(value: T): void;
}

/**
 * A list that keeps the element of each key across updates, so that focus and scrolling survive them.
 * Values are flat: a row is touched only when a field of its value is another one.
 */
export class KeyedList<T extends object> {
  private rows = new Map<string, { row: Row<T>; value: T }>();

  constructor(
    private readonly list: HTMLElement,
    private readonly key: (value: T) => string,
    private readonly create: (value: T) => Row<T>,
  ) {}

  /** The element that stands for a key. */
  element(key: string): HTMLElement | null {
    return this.rows.get(key)?.row.root ?? null;
  }

  update(values: readonly T[]): void {
    const focused = document.activeElement;
    const keys = new Set(values.map(this.key));
    for (const [key, { row }] of this.rows) if (!keys.has(key)) row.root.remove();
    const rows: typeof this.rows = new Map();
    let place = this.list.firstElementChild;
    for (const value of values) {
      const key = this.key(value);
      const row = this.current(key, value);
      rows.set(key, { row, value });
      if (row.root === place) place = place.nextElementSibling;
      else this.list.insertBefore(row.root, place);
    }
    this.rows = rows;
    // An element that is moved loses the focus.
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.list.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  }

  private current(key: string, value: T): Row<T> {
    const known = this.rows.get(key);
    const row = known?.row ?? this.create(value);
    if (known === undefined || !alike(known.value, value)) row.update(value);
    return row;
  }
}

/** Whether all fields are the same. */
export function alike<T extends object>(one: T, other: T): boolean {
  const fields = Object.keys(one) as (keyof T)[];
  return fields.length === Object.keys(other).length && fields.every((field) => Object.is(one[field], other[field]));
}
