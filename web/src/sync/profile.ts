/** How a browser's player takes corrections. */
export interface Profile {
  /** Smaller distances are left alone. */
  nudgeFromMs: number;
  /** How long a rate stays once it was set. */
  holdMs: number;
  /** What a change of the rate makes it lose. */
  changeCostMs: number;
}

export const STANDARD: Profile = { nudgeFromMs: 40, holdMs: 0, changeCostMs: 0 };

/** WebKit stands still for a moment whenever the rate changes. */
export const WEBKIT: Profile = { nudgeFromMs: 120, holdMs: 2_000, changeCostMs: 200 };

/** On iOS every browser is WebKit, whatever it calls itself. */
export function profileOf(userAgent: string): Profile {
  const webkit = /AppleWebKit/.test(userAgent) && !/Chrome|Chromium|Android/.test(userAgent);
  return webkit ? WEBKIT : STANDARD;
}
