/** In the order in which the server lists people: accounts before guests, each by age. */
export function inOrder<T extends { id: string }>(people: readonly T[]): T[] {
  return [...people].sort((one, other) => (place(one.id) < place(other.id) ? -1 : 1));
}

function place(id: string): string {
  return (id.startsWith("usr_") ? "0" : "1") + id;
}
