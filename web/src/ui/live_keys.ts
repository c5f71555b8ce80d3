import { keysFor } from "../live/publishing";
import { moment } from "../moments";
import { hindrance } from "../state/hindrance";
import type { State } from "../state/reducer";
import type { LiveKey } from "../state/types";
import { chat } from "../strings";
import { publish as texts } from "../strings/live";
import { el } from "./dom";
import { KeyedList, type Row } from "./keyed_list";
import { bar, onUse } from "./permitted";

interface KeyEntry {
  key: LiveKey;
  name: string;
}

/** The stream keys that are good, with a way to revoke them. */
export class LiveKeys {
  readonly none = el("p", "hint", texts.noKeys);
  readonly root = el("ul", "entries");
  private readonly list: KeyedList<KeyEntry>;
  private state: State | null = null;

  constructor(
    private readonly me: string,
    private readonly revoke: (key: string) => void,
  ) {
    this.root.id = "live-keys";
    this.list = new KeyedList(this.root, ({ key }) => key.key_id, () => this.row());
  }

  show(state: State): void {
    this.state = state;
    const keys = keysFor(state.room, this.me);
    this.none.hidden = keys.length > 0;
    this.list.update(keys.map((key) => ({ key, name: this.nameOf(key, state) })));
  }

  private nameOf({ by }: LiveKey, { names }: State): string {
    return by === this.me ? texts.yourKey : texts.keyOf(names[by] ?? chat.someone);
  }

  private row(): Row<KeyEntry> {
    const root = el("li", "entry");
    const [whose, more, revoke, text] = [el("strong"), el("p", "hint"), el("button", "", texts.revoke), el("div")];
    let shown = "";
    whose.dir = "auto";
    revoke.type = "button";
    onUse(revoke, () => this.revoke(shown));
    text.append(whose, more);
    root.append(text, revoke);
    return {
      root,
      update: ({ key, name }) => {
        shown = key.key_id;
        root.dataset["key"] = key.key_id;
        whose.textContent = name;
        more.textContent = texts.until(moment(key.at), moment(key.expires_at));
        revoke.setAttribute("aria-label", texts.revokeOf(name));
        // One's own can always be taken back.
        if (this.state !== null) bar(revoke, key.by === this.me ? null : hindrance(this.state.room, this.me, "live.stop"));
      },
    };
  }
}
