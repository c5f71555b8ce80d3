import type { State } from "../state/reducer";
import { Deferred } from "./deferred";
import type { LiveStage, LiveStageUses } from "./live_stage";

/** Where the live stream will be: its code is fetched when there is one. */
export class LiveSpot {
  private stage: Deferred<LiveStage> | null = null;

  constructor(private readonly uses: LiveStageUses) {}

  /** Whether it is what is on the stage. */
  get isShown(): boolean {
    return this.uses.stage.dataset["live"] === "shown";
  }

  show(state: State): void {
    if (state.room.live !== null) this.stage ??= new Deferred(async () => new (await import("./live_stage")).LiveStage(this.uses));
    this.stage?.show(state);
  }

  nudge(): void {
    this.stage?.with((stage) => stage.nudge());
  }

  stop(): void {
    this.stage?.with((stage) => stage.stop());
  }
}
