import { refusal } from "../state/rights";
import type { State } from "../state/reducer";
import type { Room } from "../state/types";
import { byId } from "./dom";

/** The way to publish, for whom it concerns; nobody else sees it. */
export class GoLive {
  private readonly button = byId("live-open", HTMLButtonElement);

  constructor(
    private readonly me: string,
    open: () => void,
  ) {
    this.button.addEventListener("click", open);
  }

  show({ room }: State): void {
    this.button.hidden = !concernsLive(room, this.me);
  }
}

/** Whether publishing is any business of this person's: they may, may stop others, or have something of their own there. */
export function concernsLive(room: Room, me: string): boolean {
  const may = (["live.publish", "live.stop"] as const).some((right) => refusal(room, me, right) === null);
  return may || room.live?.by === me || room.live_keys.some(({ by }) => by === me);
}
