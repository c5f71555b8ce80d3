import { moment } from "../moments";
import { refusal } from "../state/rights";
import { text } from "../state/fields";
import type { State } from "../state/reducer";
import type { RoomEvent } from "../state/types";
import { chat, concerns as texts, members } from "../strings";
import { rightsWords } from "./rights_words";
import { note } from "./toast";

/** Tells this person at once what was done about them, and who waits for their answer. */
export class Concerns {
  /** The place in the log up to which all was told. */
  private told: number | null = null;

  constructor(private readonly me: string) {}

  show(state: State): void {
    const since = this.told ?? state.room.seq;
    this.told = state.room.seq;
    for (const event of state.log) {
      const words = event.seq > since ? concern(event, state, this.me) : null;
      if (words !== null) note(words);
    }
  }
}

/** What an event says to this person, if it is about them and somebody else's doing; null otherwise. */
export function concern(event: RoomEvent, { room, names }: Pick<State, "room" | "names">, me: string): string | null {
  const [member, by] = [text(event, "member"), names[event.actor?.id ?? ""] ?? chat.someone];
  const reason = text(event, "reason") ?? "";
  if (event.type === "member.knocked") {
    return refusal(room, me, "members.review") === null ? texts.knocks(names[member ?? ""] ?? chat.someone) : null;
  }
  if (event.type === "room.transferred" && text(event, "from") === me) return texts.tookRoom(by);
  if (member !== me || event.actor?.id === me) return null;
  const until = text(event, "expires_at");
  switch (event.type) {
    case "member.muted":
      return texts.muted(by, until === null ? "" : moment(until), reason);
    case "member.unmuted":
      return texts.unmuted(by);
    case "member.role_set": {
      const role = text(event, "role") ?? "";
      return texts.role(by, members.roles[role] ?? role);
    }
    case "member.permissions_overridden":
      return texts.rights(by, rightsWords(event));
    case "room.transfer_offered":
      return texts.offered(by);
    default:
      return null;
  }
}
