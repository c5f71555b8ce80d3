/** The ids with one of them at another place. */
export function moved(ids: readonly string[], id: string, at: number): string[] {
  const others = ids.filter((other) => other !== id);
  const place = within(at, others.length);
  return ids.includes(id) ? [...others.slice(0, place), id, ...others.slice(place)] : others;
}

/** The id that stands before the place among the others; null for the first place. */
export function before(ids: readonly string[], id: string, at: number): string | null {
  const others = ids.filter((other) => other !== id);
  return others[within(at, others.length) - 1] ?? null;
}

/** Where something is let go: behind all the others whose middle lies above it. */
export function placeAt(middles: readonly number[], y: number): number {
  return middles.filter((middle) => middle < y).length;
}

/** Where a key takes what stands at an index; null if nowhere. */
export function steered(key: string, at: number, count: number): number | null {
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[key];
  return to === undefined ? null : within(to, count - 1);
}

function within(at: number, most: number): number {
  return Math.max(0, Math.min(at, most));
}
