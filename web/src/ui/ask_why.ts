import type { Permission } from "../state/permissions";
import type { Step } from "../state/types";

export interface Question {
  permission: Permission;
  /** Whose right it is; the asker's unless set. */
  member?: string;
  /** What is known already: the short answer, and the layers that a refusal came with. */
  text?: string;
  steps?: readonly Step[];
}

type Answer = (question: Question, at: HTMLElement) => void;

let answer: Answer = () => undefined;

/** To be called by whoever can answer, once there is a room. */
export function answerWhy(by: Answer): void {
  answer = by;
}

/** Whether an answer is on the screen: what is shorter would lie over it. */
export function isAnswering(): boolean {
  return document.querySelector("#why:popover-open") !== null;
}

/** Shows, beside an element, which layers of rules decide about a right. */
export function askWhy(question: Question, at: HTMLElement): void {
  answer(question, at);
}
