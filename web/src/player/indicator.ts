import { sync as texts } from "../strings";
import type { Status, StatusKind } from "../sync/status";

/** A sign beside the words, so that nobody depends on its colour. */
export type Sign = "good" | "moving" | "wait" | "bad" | "off";

const SIGNS: Readonly<Record<StatusKind, Sign>> = {
  idle: "off",
  paused: "good",
  in_sync: "good",
  waiting: "wait",
  seeking: "wait",
  buffering: "wait",
  catching_up: "moving",
  slowing_down: "moving",
  cannot_keep_up: "bad",
  free: "off",
  apart: "wait",
};

export function signOf(kind: StatusKind): Sign {
  return SIGNS[kind];
}

/** How well the medium follows, in a few words. */
export function indicatorText({ kind, skewMs, rate }: Pick<Status, "kind" | "skewMs" | "rate">): string {
  if (kind === "in_sync") return texts.in_sync(skewMs === null ? "" : millis(Math.abs(skewMs)));
  if (kind === "catching_up" || kind === "slowing_down") return texts[kind](percentOf(rate));
  return texts[kind];
}

/** The same without figures, for who hears it: said when it changes, not when a figure does. */
export function spokenText(kind: StatusKind): string {
  if (kind === "in_sync" || kind === "catching_up" || kind === "slowing_down") return texts[kind]("").trim();
  return texts[kind];
}

/** Short spans in ms, long ones in s. */
export function millis(ms: number): string {
  const whole = Math.round(ms);
  return Math.abs(whole) < 1000 ? texts.ms(whole) : texts.seconds(ms / 1000);
}

/** The same with its direction; positive is ahead. */
export function directed(ms: number): string {
  return (ms < 0 ? texts.behind : texts.ahead)(millis(Math.abs(ms)));
}

function percentOf(rate: number): string {
  return texts.percent(Math.round((rate - 1) * 1000) / 10);
}
