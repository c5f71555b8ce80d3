import { Problem } from "../net/problem";
import type { State } from "../state/reducer";
import { refusal } from "../state/rights";
import { changedBy, SETTINGS, type Setting } from "../state/settings";
import type { Command, Room } from "../state/types";
import { whyNot } from "../state/why_not";
import { settings as texts } from "../strings";
import { confirm } from "./confirm";
import { byId } from "./dom";
import { SettingField } from "./setting_field";

/** The settings of the room, for who may change them; for everybody else greyed, with the reason. */
export class RoomSettings {
  private readonly fields: SettingField[];
  private readonly lifecycle = byId("lifecycle", HTMLButtonElement);
  private state: State | null = null;

  constructor(
    private readonly me: string,
    private readonly command: (command: Command) => Promise<unknown>,
  ) {
    const hooks = {
      send: (fields: Record<string, unknown>) => this.update(fields),
      changedBy: (setting: Setting) => this.changer(setting),
    };
    this.fields = SETTINGS.map((setting) => new SettingField(setting, hooks));
    byId("room-settings-fields", HTMLElement).append(...this.fields.map(({ root }) => root));
    this.lifecycle.addEventListener("click", () => void this.openOrClose());
  }

  show(state: State): void {
    if (this.state?.room === state.room) return;
    this.state = state;
    const { room } = state;
    byId("room-settings", HTMLElement).hidden = false;
    const why = whyNot(refusal(room, this.me, "room.settings"));
    const notice = byId("room-settings-refusal", HTMLElement);
    notice.hidden = why === null;
    notice.textContent = why ?? "";
    for (const field of this.fields) field.show(room, why !== null);
    this.lifecycle.textContent = room.closed ? texts.reopenRoom : texts.closeRoom;
    this.lifecycle.className = room.closed ? "primary" : "danger";
    const barred = whyNot(refusal(room, this.me, "room.close"));
    this.lifecycle.disabled = barred !== null;
    const hint = room.closed ? texts.reopenHint : texts.closeHint;
    byId("lifecycle-hint", HTMLElement).textContent = barred ?? hint;
  }

  /** The room as it is now, if that is in the way. */
  private async update(fields: Record<string, unknown>): Promise<Room | "done"> {
    try {
      await this.command({ type: "room.update_settings", ...fields });
      return "done";
    } catch (error) {
      const moved = error instanceof Problem && (error.status === 409 || error.status === 412);
      const room = moved ? error.more["room"] : undefined;
      if (room === undefined) throw error;
      return room as Room;
    }
  }

  private changer(setting: Setting): string {
    const by = this.state && changedBy(this.state.log, setting);
    return this.state?.names[by ?? ""] ?? texts.somebody;
  }

  private async openOrClose(): Promise<void> {
    const problem = byId("lifecycle-problem", HTMLElement);
    const closed = this.state?.room.closed === true;
    problem.textContent = "";
    const sure = closed || (await confirm({ title: texts.closeTitle, text: texts.closeHint, go: texts.closeRoom })) !== null;
    if (!sure) return;
    try {
      await this.command({ type: closed ? "room.reopen" : "room.close" });
    } catch (error) {
      problem.textContent = (error as Error).message;
    }
  }
}
