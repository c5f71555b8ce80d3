import { refusal } from "../state/rights";
import { secondsUntil } from "./hold_view";
import type { Room } from "../state/types";

export interface Asked {
  id: string;
  name: string;
  ready: boolean;
  me: boolean;
}

/** A ready check as this person sees it. */
export interface ReadyView {
  asked: Asked[];
  readyCount: number;
  /** Whether this person is ready; null for who is not asked. */
  mine: boolean | null;
  mayCancel: boolean;
  secondsLeft: number | null;
  /** The last seconds before the start; null while it is waited for. */
  countdown: number | null;
}

export function readyView(
  room: Room,
  names: Readonly<Record<string, string>>,
  me: string,
  nowMs: number | null,
): ReadyView | null {
  const { ready, playback } = room;
  if (ready === null) return null;
  const countdown = ready.counting && nowMs !== null ? secondsUntil(playback.anchor_ms, nowMs) : null;
  // It has started: whoever is still shown as ready is watching.
  if (countdown === 0) return null;
  const asked = ready.members.map((id) => ({ id, name: names[id] ?? "", ready: ready.ready.includes(id), me: id === me }));
  return {
    asked,
    readyCount: asked.filter((member) => member.ready).length,
    mine: asked.find((member) => member.me)?.ready ?? null,
    mayCancel: ready.started_by === me || refusal(room, me, "playback.control") === null,
    secondsLeft: nowMs === null || ready.counting ? null : secondsUntil(ready.deadline_ms, nowMs),
    countdown,
  };
}

/** Two letters for a face; Unicode's own letters are not cut in two. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).map((word) => [...word]);
  const [first = []] = words;
  const letters = words.length > 1 ? [first[0], words[words.length - 1]?.[0]] : first.slice(0, 2);
  return letters.join("").toUpperCase();
}
