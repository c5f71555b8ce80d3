import type { State } from "../state/reducer";
import { hindrance } from "../state/hindrance";
import { changedBy, ruledBy, SETTINGS, type Setting } from "../state/settings";
import type { Command, Room } from "../state/types";
import { settings as texts } from "../strings";
import { confirm } from "./confirm";
import { byId } from "./dom";
import { JoinRuleField } from "./join_rule_field";
import { sayTo } from "./people";
import { bar, onUse } from "./permitted";
import { SettingField } from "./setting_field";
import { putProblem } from "./why_button";

/** The settings of the room, for who may change them; for everybody else greyed, with the reason. */
export class RoomSettings {
  private readonly fields: SettingField[];
  private readonly joinRule: JoinRuleField;
  private readonly lifecycle = byId("lifecycle", HTMLButtonElement);
  private state: State | null = null;

  constructor(
    private readonly me: string,
    private readonly command: (command: Command) => Promise<unknown>,
    openRoles: () => void,
  ) {
    const hooks = {
      send: (fields: Record<string, unknown>) => this.update(fields),
      changedBy: (setting: Setting) => this.changer(setting),
    };
    this.fields = SETTINGS.map((setting) => new SettingField(setting, hooks));
    this.joinRule = new JoinRuleField({
      send: (fields) => sayTo(this.command, { type: "room.set_join_rule", ...fields }),
      changedBy: () => this.nameOf(this.state && ruledBy(this.state.log)),
    });
    byId("room-settings-fields", HTMLElement).append(this.joinRule.root, ...this.fields.map(({ root }) => root));
    byId("role-rights", HTMLButtonElement).addEventListener("click", openRoles);
    onUse(this.lifecycle, () => void this.openOrClose());
  }

  show(state: State): void {
    if (this.state?.room === state.room) return;
    this.state = state;
    const { room } = state;
    byId("room-settings", HTMLElement).hidden = false;
    const why = hindrance(room, this.me, "room.settings");
    const notice = byId("room-settings-refusal", HTMLElement);
    notice.hidden = why === null;
    notice.textContent = why?.text ?? "";
    for (const field of this.fields) field.show(room, why);
    this.joinRule.show(room, hindrance(room, this.me, "room.join_rule"));
    this.lifecycle.textContent = room.closed ? texts.reopenRoom : texts.closeRoom;
    this.lifecycle.className = room.closed ? "primary" : "danger";
    const barred = hindrance(room, this.me, "room.close");
    bar(this.lifecycle, barred);
    const hint = room.closed ? texts.reopenHint : texts.closeHint;
    byId("lifecycle-hint", HTMLElement).textContent = barred?.text ?? hint;
  }

  private update(fields: Record<string, unknown>): Promise<Room | "done"> {
    return sayTo(this.command, { type: "room.update_settings", ...fields });
  }

  private changer(setting: Setting): string {
    return this.nameOf(this.state && changedBy(this.state.log, setting));
  }

  private nameOf(id: string | null): string {
    return this.state?.names[id ?? ""] ?? texts.somebody;
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
      putProblem(problem, error);
    }
  }
}
