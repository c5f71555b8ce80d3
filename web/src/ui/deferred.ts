import type { State } from "../state/reducer";
import { complain } from "./toast";

interface Part {
  show(state: State): void;
}

/** A part of the page whose code is fetched once the rest is on the screen. */
export class Deferred<T extends Part> {
  private part: Promise<T> | null = null;
  private state: State | null = null;

  constructor(private readonly fetch: () => Promise<T>) {}

  show(state: State): void {
    this.state = state;
    if (this.part !== null) return void this.part.then((part) => this.state === state && part.show(state));
    this.with(() => undefined);
  }

  /** Does something with the part as soon as it is there and shows what the others do. */
  with(act: (part: T) => void): void {
    this.part ??= this.fetch().then((part) => {
      if (this.state !== null) part.show(this.state);
      return part;
    });
    this.part.then(act).catch(complain);
  }
}
