/** `online` is said by the server, of who is connected and said nothing yet; `offline` when the last connection ended. */
export type PresenceState = "online" | "active" | "ready" | "buffering" | "away" | "offline";

export interface Ephemeral {
  kind: string;
  member: string;
  value: unknown;
}

/** How far away a member is, and how well the player follows. */
export interface Report {
  /** How far ahead of the room; behind it, when below 0. */
  /** null while nothing is shown. */
  skew_ms: number | null;
  rtt_ms: number;
  buffered_ms: number;
}

/** What the connected members told in passing. Immutable; who is not in it has no connection. */
export interface Roster {
  states: Readonly<Record<string, PresenceState>>;
  /** The latest of each member. */
  reports: Readonly<Record<string, Report>>;
  /** Who writes a message, the longest at it first. */
  typing: readonly string[];
}

export const NOBODY: Roster = { states: {}, reports: {}, typing: [] };

/** Folds what somebody told; what is not understood changes nothing. */
export function tell(roster: Roster, { kind, member, value }: Ephemeral): Roster {
  if (kind === "typing") return withTyping(roster, member, value === true);
  if (kind === "report") return isReport(value) ? { ...roster, reports: { ...roster.reports, [member]: value } } : roster;
  if (kind !== "presence") return roster;
  const state = (value as { state?: unknown } | null)?.state;
  if (!isState(state)) return roster;
  if (state === "offline") return without(roster, member);
  return { ...roster, states: { ...roster.states, [member]: state } };
}

/** How far the player of this page is. */
export type Readiness = "idle" | "buffering" | "ready";

/** What is said of the person at this page. */
export function ownState(hidden: boolean, readiness: Readiness): PresenceState {
  if (hidden) return "away";
  return readiness === "idle" ? "active" : readiness;
}

function withTyping(roster: Roster, member: string, typing: boolean): Roster {
  if (roster.typing.includes(member) === typing) return roster;
  const others = roster.typing.filter((other) => other !== member);
  return { ...roster, typing: typing ? [...others, member] : others };
}

function without(roster: Roster, member: string): Roster {
  const { [member]: _, ...states } = roster.states;
  const { [member]: __, ...reports } = roster.reports;
  return { ...withTyping(roster, member, false), states, reports };
}

const STATES: readonly unknown[] = ["online", "active", "ready", "buffering", "away", "offline"] satisfies PresenceState[];

function isState(value: unknown): value is PresenceState {
  return STATES.includes(value);
}

function isReport(value: unknown): value is Report {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  const figures = ["rtt_ms", "buffered_ms"].every((field) => typeof fields[field] === "number");
  return figures && (fields["skew_ms"] === null || typeof fields["skew_ms"] === "number");
}
