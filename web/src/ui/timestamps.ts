/** A piece of a text: words, or a time of the medium. */
export type Piece = { text: string; ms: number | null };

/** `1:23`, `12:04` or `1:02:03`, not within a longer number, address or word. */
const TIME = /(?<![\w:.,/])(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?![\w:]|[.,]\d)/g;

/** Cuts a text at the times it names. */
export function pieces(text: string): Piece[] {
  const cut: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(TIME)) {
    const ms = timeOf(match);
    if (ms === null) continue;
    if (match.index > end) cut.push({ text: text.slice(end, match.index), ms: null });
    cut.push({ text: match[0], ms });
    end = match.index + match[0].length;
  }
  if (end < text.length) cut.push({ text: text.slice(end), ms: null });
  return cut;
}

function timeOf([, hours, minutes, seconds]: RegExpMatchArray): number | null {
  if (hours !== undefined && (minutes?.length !== 2 || Number(minutes) > 59)) return null;
  return ((Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
