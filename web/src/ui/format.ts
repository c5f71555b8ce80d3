/** Media time as `1:02:03` or `2:03`. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${minutes}:${two(seconds % 60)}`;
  return `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A name for an item without a title: the last part of its address. */
export function titleOf(item: { title: string | null; url: string }): string {
  if (item.title) return item.title;
  const last = item.url.split(/[?#]/, 1)[0]?.split("/").filter(Boolean).pop() ?? item.url;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
