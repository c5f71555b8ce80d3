/** `online` is said by the server, of who is connected and said nothing yet; `offline` when the last connection ended. */
export type PresenceState = "online" | "active" | "ready" | "buffering" | "away" | "offline";

export interface Ephemeral {
  kind: string;
  member: string;
  value: unknown;
}

/** What the connected members told in passing. Immutable; who is not in it has no connection. */
export interface Roster {
  states: Readonly<Record<string, PresenceState>>;
  /** Who writes a message, the longest at it first. */
  typing: readonly string[];
}

export const NOBODY: Roster = { states: {}, typing: [] };

/** Folds what somebody told; what is not understood changes nothing. */
export function tell(roster: Roster, { kind, member, value }: Ephemeral): Roster {
  if (kind === "typing") return withTyping(roster, member, value === true);
  if (kind !== "presence") return roster;
  const state = (value as { state?: unknown } | null)?.state;
  if (!isState(state)) return roster;
  const { [member]: _, ...others } = roster.states;
  if (state === "offline") return { ...withTyping(roster, member, false), states: others };
  return { ...roster, states: { ...others, [member]: state } };
}

/** How a state reads. */
export const LABELS: Readonly<Record<PresenceState, string>> = {
  online: "online",
  active: "online",
  ready: "online, ready",
  buffering: "online, buffering",
  away: "away",
  offline: "offline",
};

/** How far the player of this page is. */
export type Readiness = "idle" | "buffering" | "ready";

/** What is said of the person at this page. */
export function ownState(hidden: boolean, readiness: Readiness): PresenceState {
  if (hidden) return "away";
  return readiness === "idle" ? "active" : readiness;
}

const NAMED = 2;

/** Who types, as a sentence; empty for nobody. */
export function typingText(names: readonly string[]): string {
  if (names.length === 0) return "";
  if (names.length === 1) return `${names[0]} is typing…`;
  if (names.length <= NAMED) return `${names.join(" and ")} are typing…`;
  return "Several people are typing…";
}

function withTyping(roster: Roster, member: string, typing: boolean): Roster {
  if (roster.typing.includes(member) === typing) return roster;
  const others = roster.typing.filter((other) => other !== member);
  return { ...roster, typing: typing ? [...others, member] : others };
}

function isState(value: unknown): value is PresenceState {
  return typeof value === "string" && Object.hasOwn(LABELS, value);
}
