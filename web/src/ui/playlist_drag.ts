import { placeAt } from "./playlist_order";

export interface DragUses {
  /** It hovers over a place, or over none any more. */
  over(at: number | null): void;
  drop(at: number): void;
}

/** So far the pointer has to go for it to be a drag, in pixels. */
const SLACK_PX = 4;
/** Near an edge of what scrolls, it scrolls. */
const EDGE_PX = 32;
const SCROLLED_PX = 8;

/** Drags a row of a list by a pointer, be it a mouse, a pen or a finger. */
export function drag(start: PointerEvent, row: HTMLElement, scroller: HTMLElement, uses: DragUses): void {
  const handle = start.target as HTMLElement;
  const list = row.parentElement as HTMLElement;
  const end = new AbortController();
  const { signal } = end;
  let at: number | null = null;
  let y = start.clientY;
  let frame = 0;
  const over = (place: number | null) => {
    if (place !== at) uses.over((at = place));
  };
  const stop = (dropped: boolean) => {
    const place = at;
    end.abort();
    cancelAnimationFrame(frame);
    row.classList.remove("dragged");
    over(null);
    if (dropped && place !== null) uses.drop(place);
  };
  /** It goes on while the pointer rests at an edge. */
  const follow = () => {
    scrolled(scroller, y);
    over(placeAt(middles(list, row), y));
    frame = requestAnimationFrame(follow);
  };
  handle.setPointerCapture(start.pointerId);
  handle.addEventListener(
    "pointermove",
    ({ clientY }) => {
      if (at === null && Math.abs(clientY - start.clientY) < SLACK_PX) return;
      row.classList.add("dragged");
      y = clientY;
      if (frame === 0) follow();
    },
    { signal },
  );
  handle.addEventListener("pointerup", () => stop(true), { signal });
  handle.addEventListener("pointercancel", () => stop(false), { signal });
  document.addEventListener("keydown", (event) => event.key === "Escape" && stop(false), { signal });
}

function middles(list: HTMLElement, row: HTMLElement): number[] {
  return [...list.children]
    .filter((other) => other !== row)
    .map((other) => {
      const { top, height } = other.getBoundingClientRect();
      return top + height / 2;
    });
}

function scrolled(scroller: HTMLElement, y: number): void {
  const { top, bottom } = scroller.getBoundingClientRect();
  if (y < top + EDGE_PX) scroller.scrollTop -= SCROLLED_PX;
  else if (y > bottom - EDGE_PX) scroller.scrollTop += SCROLLED_PX;
}
