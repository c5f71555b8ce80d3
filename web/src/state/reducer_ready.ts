import { bool, number, strings, text } from "./fields";
import { inOrder } from "./order";
import type { Motion, Ready, Room, RoomEvent } from "./types";

/** Folds the events of a ready check; null when only a new snapshot can tell. */
export function foldReady(room: Room, event: RoomEvent): Room | null {
  switch (event.type) {
    case "ready.started":
      return started(room, event);
    case "ready.marked":
      return marked(room, event);
    case "ready.cancelled":
      return { ...room, ready: null };
    default:
      return null;
  }
}

/** What another motion makes of a check: a start begins the countdown, a stop before its end leaves the check open, and
 * anything after its end is none of the check's business. What is unloaded has no anchor to tell the end by: the countdown
 * was for that item. */
export function moved({ ready, playback }: Room, next: Motion): Ready | null {
  if (ready === null) return null;
  const over = next.playing ? next.anchor_ms > playback.anchor_ms : next.anchor_ms >= playback.anchor_ms;
  return ready.counting && (over || next.item_id === null) ? null : { ...ready, counting: next.playing };
}

/** Somebody is no member any more. */
export function without(ready: Ready | null, id: string): Ready | null {
  if (ready === null) return null;
  const others = (ids: string[]) => ids.filter((other) => other !== id);
  return { ...ready, members: others(ready.members), ready: others(ready.ready) };
}

function started(room: Room, event: RoomEvent): Room | null {
  const deadline_ms = number(event, "deadline_ms");
  const members = strings(event, "members");
  if (deadline_ms === null || members === null) return null;
  return { ...room, ready: { started_by: event.actor?.id ?? "", deadline_ms, members, ready: [], counting: false } };
}

function marked(room: Room, event: RoomEvent): Room | null {
  const member = text(event, "member");
  const isReady = bool(event, "ready");
  if (room.ready === null) return room;
  if (member === null || isReady === null) return null;
  const { members, ready } = room.ready;
  const others = ready.filter((other) => other !== member);
  if (!isReady) return { ...room, ready: { ...room.ready, ready: others } };
  return { ...room, ready: { ...room.ready, members: including(members, member), ready: including(others, member) } };
}

function including(ids: readonly string[], id: string): string[] {
  const others = ids.filter((other) => other !== id);
  return inOrder([...others, id].map((one) => ({ id: one }))).map((one) => one.id);
}
