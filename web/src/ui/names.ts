import type { History } from "../state/history";
import type { State } from "../state/reducer";
import { chat } from "../strings";
import { titleOf } from "./format";
import type { Names } from "./note";

/** What people and items of a room are called, those that are gone included. */
export function namesOf(history: Pick<History, "names" | "items">, { room, names }: State): Names {
  return {
    person: (id) => names[id] ?? history.names[id] ?? chat.someone,
    item(id) {
      const item = room.playlist.find(({ item_id }) => item_id === id) ?? history.items[id];
      return item === undefined ? chat.something : titleOf(item);
    },
  };
}
