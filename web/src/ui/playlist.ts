import { byId, el, KeyedList, type Row } from "./dom";
import { clockTime, titleOf } from "./format";
import type { Command, Item, Room } from "../state/types";

type Send = (command: Command) => Promise<boolean>;

interface Entry {
  item: Item;
  current: boolean;
}

/** The playlist: a click on an item selects it for the whole room. */
export class Playlist {
  private readonly list = new KeyedList<Entry>(
    byId("playlist", HTMLElement),
    ({ item }) => item.item_id,
    ({ item }) => this.row(item.item_id),
  );
  private shown: { playlist: Item[]; current: string | null } | null = null;

  constructor(private readonly send: Send) {
    const url = byId("add-url", HTMLInputElement);
    byId("add-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.add(url);
    });
    byId("add-sample", HTMLButtonElement).addEventListener("click", () => {
      void send({ type: "playlist.add", url: `${location.origin}/sample.mp4`, title: "Sample video" });
    });
  }

  show(room: Room): void {
    const { playlist, playback } = room;
    if (this.shown?.playlist === playlist && this.shown.current === playback.item_id) return;
    this.shown = { playlist, current: playback.item_id };
    this.list.update(playlist.map((item) => ({ item, current: item.item_id === playback.item_id })));
    byId("nothing", HTMLElement).hidden = playback.item_id !== null;
  }

  private async add(url: HTMLInputElement): Promise<void> {
    const added = url.value.trim();
    const done = await this.send({ type: "playlist.add", url: added });
    if (done && url.value.trim() === added) url.value = "";
  }

  private row(item_id: string): Row<Entry> {
    const root = el("li");
    const choose = el("button", "choose");
    const title = el("span");
    const duration = el("span", "meta");
    const remove = el("button", "", "×");
    choose.type = remove.type = "button";
    choose.append(title, duration);
    root.append(choose, remove);
    choose.addEventListener("click", () => void this.send({ type: "playback.select_item", item_id }));
    remove.addEventListener("click", () => void this.send({ type: "playlist.remove", item_id }));
    return {
      root,
      update({ item, current }) {
        title.textContent = titleOf(item);
        duration.textContent = item.duration_ms === null ? "" : clockTime(item.duration_ms);
        choose.setAttribute("aria-current", String(current));
        remove.setAttribute("aria-label", `Remove ${titleOf(item)}`);
      },
    };
  }
}
