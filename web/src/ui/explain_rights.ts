import type { Permission } from "../state/permissions";
import type { RoomEvent, Trace } from "../state/types";
import { answerWhy } from "./ask_why";
import { actorName } from "./event_words";
import type { Names } from "./note";
import { complain } from "./toast";
import type { WhyPanel } from "./why_panel";

export interface RightsSources {
  explain(permission: Permission, member: string): Promise<Trace>;
  find(event: string): Promise<RoomEvent | null>;
  names(): Names | null;
  me: string;
}

/** From now on the room answers why somebody may do something, or may not; `look` shows an event. */
export function explainRights({ explain, find, names, me }: RightsSources, look: (seq: number) => void): void {
  let panel: Promise<WhyPanel> | null = null;
  const make = async (): Promise<WhyPanel> => {
    const { WhyPanel } = await import("./why_panel");
    return new WhyPanel({
      explain,
      subject: (member) => ({ name: names()?.person(member) ?? "", you: member === me }),
      event: find,
      actor: (event) => {
        const known = names();
        return known === null ? "" : actorName(event, known);
      },
      show: ({ seq }) => look(seq),
      me,
    });
  };
  answerWhy((question, at) => {
    panel ??= make();
    panel.then((there) => there.open(question, at)).catch(complain);
  });
}
