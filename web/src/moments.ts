const HOURS = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAYS = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** An instant for who looks: the time of day alone if it is today. */
export function moment(at: string, now: Date = new Date()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return (date.toDateString() === now.toDateString() ? HOURS : DAYS).format(date);
}

/** Ends that one can choose, by how far they are away in ms; the name is a text in strings.ts. */
export const SPANS = {
  tenMinutes: 600_000,
  hour: 3_600_000,
  halfDay: 12 * 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
} as const;
export type Span = keyof typeof SPANS;

/** The instant so far from now, as the server reads it. */
export function from(nowMs: number, ms: number): string {
  return new Date(nowMs + ms).toISOString();
}
