import type { Link } from "../net/link";
import { cursor, type Place } from "../state/place";
import { connection as texts } from "../strings";
import { byId } from "./dom";
import { note } from "./toast";

const TICK_MS = 200;

export type LinkState = "connecting" | "waiting" | "live" | "offline" | "ended";

/** How the connection is, at the top of the page; more of it where that is pressed. */
export class ConnectionView {
  private readonly button = byId("connection", HTMLButtonElement);
  private readonly details = byId("connection-details", HTMLElement);
  private readonly retry = byId("connection-retry", HTMLButtonElement);
  private link: Link = { kind: "connecting" };
  private since = 0;
  private told: LinkState | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;

  constructor(
    retry: () => void,
    /** The round trip to the server in ms; null while unknown. */
    private readonly roundTripMs: () => number | null,
  ) {
    this.retry.addEventListener("click", retry);
    this.details.addEventListener("toggle", () => this.renderDetails());
    for (const event of ["online", "offline"]) window.addEventListener(event, () => this.render());
    this.render();
  }

  show(link: Link): void {
    this.link = link;
    this.since = performance.now();
    clearInterval(this.ticking);
    if (link.kind === "waiting") this.ticking = setInterval(() => this.render(), TICK_MS);
    if (link.kind === "live") tellArrival(link);
    this.render();
  }

  place(place: Place): void {
    byId("cursor", HTMLElement).textContent = cursor(place);
  }

  private render(): void {
    const state = stateOf(this.link, navigator.onLine);
    const text = wordsFor(this.link, navigator.onLine, performance.now() - this.since);
    this.button.dataset["state"] = state;
    put(byId("connection-text", HTMLElement), text);
    put(byId("connection-state", HTMLElement), text);
    this.retry.hidden = state !== "waiting" && state !== "offline";
    this.renderDetails();
    this.announce(state);
  }

  private renderDetails(): void {
    const live = this.link.kind === "live";
    put(byId("connection-transport", HTMLElement), live ? texts.socket : texts.calls);
    const roundTrip = this.roundTripMs();
    put(byId("connection-away", HTMLElement), roundTrip === null ? texts.unknown : texts.ms(Math.round(roundTrip)));
  }

  /** Only turns are told to who listens; that the first connection stands is none. */
  private announce(state: LinkState): void {
    const settled = state === "connecting" ? "waiting" : state;
    if (settled === this.told || (this.told === null && settled !== "live")) return;
    if (this.told !== null) byId("connection-news", HTMLElement).textContent = texts.news[settled];
    this.told = settled;
  }
}

/** A connection that is being made is no news while the network is away. */
export function stateOf(link: Link, online: boolean): LinkState {
  const made = link.kind === "live" || link.kind === "ended";
  return online || made ? link.kind : "offline";
}

export function wordsFor(link: Link, online: boolean, passedMs: number): string {
  const state = stateOf(link, online);
  if (state !== "waiting" || link.kind !== "waiting") return texts.states[state];
  return texts.waiting(Math.max(1, Math.ceil((link.ms - passedMs) / 1000)));
}

function tellArrival({ arrival }: Extract<Link, { kind: "live" }>): void {
  if (arrival.kind === "reloaded") note(texts.reloaded);
  else if (arrival.kind === "resumed" && arrival.missed > 0) note(texts.recovered(arrival.missed));
}

function put(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
