import { moment } from "../moments";
import { hindrance, type Hindrance } from "../state/hindrance";
import type { State } from "../state/reducer";
import type { Ban, Command } from "../state/types";
import { doors as texts, chat } from "../strings";
import { el } from "./dom";
import { KeyedList, type Row } from "./keyed_list";
import { bar, onUse } from "./permitted";
import { Sheet } from "./sheet";
import { putProblem } from "./why_button";

interface BanEntry {
  ban: Ban;
  by: string;
  barred: string;
}

/** Who is banned, by whom, why and until when. */
export class BansSheet {
  private readonly sheet = new Sheet("bans");
  private readonly none = el("p", "empty", texts.noBans);
  private readonly problem = el("p", "problem");
  private readonly list: KeyedList<BanEntry>;
  private state: State | null = null;
  private why: Hindrance | null = null;

  constructor(private readonly uses: { me: string; send(command: Command): Promise<unknown> }) {
    const [list, section] = [el("ul", "entries"), el("section")];
    this.problem.role = "alert";
    this.list = new KeyedList(list, ({ ban }) => ban.id, () => this.row());
    this.sheet.title(texts.bans);
    section.append(this.none, list, this.problem);
    this.sheet.body.append(section);
  }

  open(): void {
    putProblem(this.problem, null);
    this.render();
    this.sheet.open();
  }

  show(state: State): void {
    this.state = state;
    if (this.sheet.isOpen) this.render();
  }

  private render(): void {
    if (this.state === null) return;
    const { room, names } = this.state;
    this.why = hindrance(room, this.uses.me, "members.ban");
    this.none.hidden = room.bans.length > 0;
    this.list.update(room.bans.map((ban) => ({ ban, by: names[ban.by] ?? chat.someone, barred: this.why?.text ?? "" })));
  }

  private row(): Row<BanEntry> {
    const root = el("li", "entry");
    const [name, words, lift] = [el("strong"), el("p", "hint"), el("button", "", texts.lift)];
    const text = el("div");
    let shown = "";
    name.dir = words.dir = "auto";
    lift.type = "button";
    onUse(lift, () => void this.lift(shown));
    text.append(name, words);
    root.append(text, lift);
    return {
      root,
      update: ({ ban, by }) => {
        shown = ban.id;
        name.textContent = ban.display_name ?? texts.stranger;
        words.textContent = texts.banned(by, ban.reason ?? "", ban.expires_at === null ? "" : moment(ban.expires_at));
        lift.setAttribute("aria-label", texts.liftOf(ban.display_name ?? texts.stranger));
        bar(lift, this.why);
      },
    };
  }

  private async lift(member: string): Promise<void> {
    putProblem(this.problem, null);
    try {
      await this.uses.send({ type: "member.unban", member });
    } catch (error) {
      putProblem(this.problem, error);
    }
  }
}
