export interface Level {
  height: number;
  /** In bit/s. */
  bitrate: number;
}

export interface Choice {
  /** The place of the level in the stream's list. */
  level: number;
  label: string;
}

/** The levels of a stream to choose from, the best first; levels of one height are told apart by their rate. */
export function choices(levels: readonly Level[]): Choice[] {
  return levels
    .map((level, index) => ({ ...level, index }))
    .sort((a, b) => b.height - a.height || b.bitrate - a.bitrate)
    .map((level) => ({ level: level.index, label: labelOf(level, levels) }));
}

function labelOf({ height, bitrate }: Level, levels: readonly Level[]): string {
  const rate = `${(bitrate / 1_000_000).toFixed(1)} Mbit/s`;
  if (!height) return rate;
  return levels.filter((other) => other.height === height).length > 1 ? `${height}p · ${rate}` : `${height}p`;
}
