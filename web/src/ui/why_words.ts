import { whyPanel as texts } from "../strings";
import type { Step, Trace } from "../state/types";

/** Whom a sentence about rights is about: the one who reads it, or somebody by name. */
export interface Subject {
  name: string;
  you: boolean;
}

/** What a layer says, as a sentence; a layer that nobody here knows by its name. */
export function layerWords({ layer, effect }: Step, subject: Subject): string {
  const [kind = "", value = ""] = layer.split(":", 2);
  const words = texts.layers[kind];
  return words === undefined ? layer : words({ ...subject, value, effect });
}

/** The layer that settles it: the last one that says anything. */
export function decisive({ steps }: Pick<Trace, "steps">): number {
  return steps.map(({ effect }) => effect !== "none").lastIndexOf(true);
}
