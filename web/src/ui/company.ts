import { byId } from "./dom";
import type { Members } from "./members";
import { NOBODY, ownState, type PresenceState, type Readiness, type Report, type Roster } from "../state/presence";
import type { State } from "../state/reducer";
import { chat } from "../strings";

/** Who is there and who writes, on the screen; and how this person is, for the others. */
export class Company {
  private roster = NOBODY;
  private names: State["names"] = {};
  private own: PresenceState = "buffering";
  /** Until the player has looked: who was ready before buffering would hold up the room. */
  private readiness: Readiness = "buffering";
  /** The server tells it to the others only. */
  private report: Readonly<Record<string, Report>> = {};
  private live = false;
  private readonly typing = byId("typing", HTMLElement);

  constructor(
    private readonly me: string,
    private readonly members: Members,
    private readonly tell: (state: PresenceState) => void,
  ) {
    document.addEventListener("visibilitychange", () => this.changed());
    this.changed();
  }

  show({ room, names }: State): void {
    this.names = names;
    this.members.show(room);
  }

  told(roster: Roster): void {
    this.roster = roster;
    this.render();
  }

  connected(live: boolean): void {
    this.live = live;
    this.render();
  }

  player(readiness: Readiness): void {
    this.readiness = readiness;
    this.changed();
  }

  /** What this page told of itself. */
  reported(report: Report): void {
    this.report = { [this.me]: report };
    this.render();
  }

  private changed(): void {
    this.own = ownState(document.visibilityState === "hidden", this.readiness);
    this.tell(this.own);
    this.render();
  }

  private render(): void {
    const { states, reports, typing } = this.roster;
    const own = { [this.me]: this.live ? this.own : ("offline" as const) };
    this.members.present({ typing, states: { ...states, ...own }, reports: { ...reports, ...this.report } });
    const text = chat.typing(typing.map((id) => this.names[id] ?? chat.someone));
    if (this.typing.textContent !== text) this.typing.textContent = text;
  }
}
