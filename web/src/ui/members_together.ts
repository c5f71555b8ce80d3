/** How far the members are off the room, in ms: half of them by no more than p50, nearly all by no more than p95. */
export function together(skews: readonly number[]): { p50: number; p95: number } | null {
  if (skews.length < 2) return null;
  const sorted = skews.map(Math.abs).sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}
