import type { State } from "../state/reducer";
import { refusal } from "../state/rights";
import type { Command, Item, Room } from "../state/types";
import { whyNot } from "../state/why_not";
import { chat, playlist as texts } from "../strings";
import { confirm } from "./confirm";
import { byId } from "./dom";
import { isVideoAddress, titleOf } from "./format";
import { KeyedList } from "./keyed_list";
import { grey, mayUse, onUse } from "./permitted";
import { PlaylistMoves } from "./playlist_moves";
import { playlistRow, type PlaylistEntry } from "./playlist_row";

/** The playlist: what is there, what plays, and in which order. */
export class Playlist {
  private readonly list: KeyedList<PlaylistEntry>;
  private readonly moves: PlaylistMoves;
  private readonly url = byId("add-url", HTMLInputElement);
  private readonly title = byId("add-title", HTMLInputElement);
  private readonly problem = byId("add-problem", HTMLElement);
  private readonly clear = byId("clear-playlist", HTMLButtonElement);
  private state: State | null = null;

  constructor(
    private readonly me: string,
    private readonly send: (command: Command) => Promise<boolean>,
  ) {
    this.list = new KeyedList(byId("playlist", HTMLElement), ({ item }) => item.item_id, ({ item }) => this.row(item.item_id));
    this.moves = new PlaylistMoves(byId("playlist-panel", HTMLElement), {
      send,
      ids: () => this.state?.room.playlist.map(({ item_id }) => item_id) ?? [],
      title: (id) => titleOf(this.item(id) ?? { title: null, url: id }),
      row: (id) => this.list.element(id),
      changed: () => this.render(),
      say: (text) => (byId("playlist-news", HTMLElement).textContent = text),
    });
    byId("add-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      if (mayUse(byId("add-submit", HTMLButtonElement))) void this.add();
    });
    this.url.addEventListener("input", () => this.complain(null));
    const sample = { type: "playlist.add", url: `${location.origin}/sample.mp4`, title: texts.sample };
    onUse(byId("add-sample", HTMLButtonElement), () => void send(sample));
    onUse(this.clear, () => void this.clearAll());
  }

  show(state: State): void {
    const { room } = state;
    const before = this.state?.room;
    const same = before?.playlist === room.playlist && before.playback.item_id === room.playback.item_id;
    const may = before?.members === room.members && before.settings === room.settings && before.closed === room.closed;
    this.state = state;
    if (!same || !may) this.render();
  }

  private render(): void {
    if (this.state === null) return;
    const { room } = this.state;
    const order = this.moves.order();
    this.list.update(order.flatMap((id, at) => this.entry(room, this.item(id), at, order.length)));
    const adding = whyNot(refusal(room, this.me, "queue.add"));
    for (const id of ["add-sample", "add-submit"]) grey(byId(id, HTMLButtonElement), adding, "queue.add");
    grey(this.clear, whyNot(refusal(room, this.me, "queue.clear")), "queue.clear");
    this.clear.hidden = order.length === 0;
    byId("no-items", HTMLElement).hidden = order.length > 0;
    byId("nothing", HTMLElement).hidden = room.playback.item_id !== null;
  }

  private entry(room: Room, item: Item | undefined, at: number, of: number): PlaylistEntry[] {
    if (item === undefined) return [];
    const edit = item.added_by === this.me ? "queue.edit_own" : "queue.edit_any";
    return [
      {
        item,
        addedBy: this.state?.names[item.added_by] ?? chat.someone,
        current: room.playback.item_id === item.item_id,
        at,
        of,
        grabbed: this.moves.isGrabbed(item.item_id),
        edit,
        whyNotEdit: whyNot(refusal(room, this.me, edit)),
        whyNotPlay: whyNot(refusal(room, this.me, "playback.navigate")),
      },
    ];
  }

  private item(id: string): Item | undefined {
    return this.state?.room.playlist.find(({ item_id }) => item_id === id);
  }

  private row(item_id: string) {
    return playlistRow(item_id, {
      play: () => void this.send({ type: "playback.select_item", item_id }),
      rename: async (_, title) => title === "" || this.send({ type: "playlist.update", item_id, title }),
      remove: () => void this.remove(item_id),
      move: (id, at) => void this.moves.move(id, at),
      toggle: (id) => this.moves.toggle(id),
      key: (key) => this.moves.key(key),
      leave: (id) => this.moves.isGrabbed(id) && this.moves.release(),
      drag: (id, start) => this.moves.drag(id, start),
    });
  }

  /** Whoever removed an item by keyboard goes on from the one that took its place. */
  private async remove(item_id: string): Promise<void> {
    const at = this.moves.order().indexOf(item_id);
    const within = this.list.element(item_id)?.contains(document.activeElement) === true;
    if (!(await this.send({ type: "playlist.remove", item_id })) || !within) return;
    const order = this.moves.order();
    const heir = this.list.element(order[Math.min(at, order.length - 1)] ?? "")?.querySelector<HTMLElement>(".choose");
    if (document.activeElement === document.body) (heir ?? this.url).focus();
  }

  private async add(): Promise<void> {
    const [url, title] = [this.url.value.trim(), this.title.value.trim()];
    if (!isVideoAddress(url)) return this.complain(texts.notAnAddress);
    const command = { type: "playlist.add", url };
    const done = await this.send(title === "" ? command : { ...command, title });
    if (!done || this.url.value.trim() !== url) return;
    this.url.value = this.title.value = "";
    this.url.focus();
  }

  private complain(problem: string | null): void {
    this.problem.textContent = problem ?? "";
    this.url.ariaInvalid = problem === null ? null : "true";
    if (problem !== null) this.url.focus();
  }

  private async clearAll(): Promise<void> {
    const count = this.state?.room.playlist.length ?? 0;
    const answer = await confirm({ title: texts.clearTitle, text: texts.clearText(count), go: texts.clear });
    if (answer !== null) await this.send({ type: "playlist.clear" });
  }
}
