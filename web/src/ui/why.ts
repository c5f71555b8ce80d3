import { moment } from "../moments";
import { Problem, secondsToWait } from "../net/problem";
import { strings, text } from "../state/fields";
import type { State } from "../state/reducer";
import { reasons } from "../strings";

type Text = string | ((problem: Problem) => string);

const until = ({ more }: Problem) => moment(String(more["expires_at"] ?? ""));

const BY_CODE: Readonly<Record<string, Text>> = {
  not_a_member: reasons.removed,
  room_closed: reasons.closed,
  limit_reached: reasons.full,
  room_not_found: reasons.noRoom,
  join_refused: ({ more }) => (more["join_rule"] === "invite" ? reasons.inviteOnly : reasons.notLetIn),
  banned: (problem) => reasons.bannedUntil(until(problem)),
  cooldown: (problem) => reasons.sentAway(until(problem)),
  invalid_invite: reasons.badInvite,
  password_changed: reasons.passwordChanged,
  rate_limited: (problem) => reasons.tooOften(secondsToWait(problem)),
  unreachable: reasons.unreachable,
  token_expired: reasons.tokenOver,
  invalid_token: reasons.tokenOver,
  unauthenticated: reasons.tokenOver,
};

/** Why somebody does not get in, or may not stay. */
export function whyNotIn(error: unknown): string {
  if (error instanceof Problem) {
    const text = BY_CODE[error.code] ?? error.message;
    return typeof text === "string" ? text : text(error);
  }
  return error instanceof Error ? error.message : String(error);
}

/** Why this member is no longer one, as the room's newest events tell; null if they do not. */
export function whyGone({ log, names }: Pick<State, "log" | "names">, me: string): string | null {
  const event = [...log].reverse().find((candidate) => ends(candidate.type) && concerns(candidate, me));
  if (event === undefined) return null;
  const by = names[event.actor?.id ?? ""] ?? reasons.somebody;
  const reason = text(event, "reason") ?? "";
  switch (event.type) {
    case "member.kicked":
      return reasons.kicked(by, reason);
    case "member.banned":
      return reasons.banned(by, reason);
    case "member.left":
      return reasons.left;
    default:
      return reasons.expelled;
  }
}

const ENDS = ["member.kicked", "member.banned", "member.left", "room.guests_expelled"];
const ends = (type: string) => ENDS.includes(type);

function concerns(event: State["log"][number], me: string): boolean {
  if (event.type === "room.guests_expelled") return strings(event, "members")?.includes(me) === true;
  return (text(event, "member") ?? event.actor?.id) === me;
}
