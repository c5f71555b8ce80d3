import { positionAt, type Course } from "../../web/src/sync/motion";
import type { Timeline } from "./timeline";

export type Order =
  | { type: "play"; position_ms?: number }
  | { type: "pause"; position_ms?: number }
  | { type: "seek"; position_ms: number; stops?: boolean }
  | { type: "set_rate"; rate_permille: number }
  | { type: "select"; item_id: string; duration_ms: number | null; position_ms?: number };

/** The server's clock when the simulation begins. */
export const EPOCH_MS = 1_790_000_000_000;

/** By how much a start is scheduled ahead, by the delay (p95) of those who are there. */
export type Lead = (farMs: number) => number;

const leadOfServer: Lead = (farMs) => Math.min(Math.max(farMs + 30, 150), 800);

const PAUSE_SLACK_MS = 1_000;
const NOTHING: Course = {
  item_id: null,
  position_ms: 0,
  anchor_ms: 0,
  rate_permille: 1_000,
  playing: false,
  duration_ms: null,
};

/** The authority: the rules of the server as far as they move the medium. */
export class SimRoom {
  /** What happened; the last is what holds. */
  readonly log: Course[];
  private readonly listeners = new Set<(course: Course) => void>();
  private readonly delays = new Map<object, number>();

  constructor(
    private readonly timeline: Timeline,
    log: readonly Course[] = [],
    private readonly lead: Lead = leadOfServer,
  ) {
    this.log = [...log];
  }

  get course(): Course {
    return this.log[this.log.length - 1] ?? NOTHING;
  }

  nowMs(): number {
    return EPOCH_MS + Math.floor(this.timeline.nowMs);
  }

  /** Where everybody should be. */
  truthMs(): number {
    return positionAt(this.course, EPOCH_MS + this.timeline.nowMs, this.course.duration_ms);
  }

  subscribe(listener: (course: Course) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  report(member: object, oneWayMs: number): void {
    this.delays.set(member, oneWayMs);
  }

  order(order: Order): void {
    const decided = this.decide(order);
    if (decided === null) return;
    this.log.push(decided);
    for (const listener of this.listeners) listener(decided);
  }

  private decide(order: Order): Course | null {
    const { course } = this;
    const now = this.nowMs();
    const present = positionAt(course, now, course.duration_ms);
    if (order.type === "play") {
      if (course.playing) return null;
      return { ...course, position_ms: order.position_ms ?? present, anchor_ms: now + this.leadMs(), playing: true };
    }
    if (order.type === "pause") {
      if (!course.playing) return null;
      const seen = order.position_ms ?? present;
      const position_ms = Math.abs(seen - present) <= PAUSE_SLACK_MS ? seen : present;
      return { ...course, position_ms, anchor_ms: now, playing: false };
    }
    if (order.type === "seek") {
      const playing = course.playing && order.stops !== true;
      return { ...course, playing, position_ms: order.position_ms, anchor_ms: playing ? Math.max(now, course.anchor_ms) : now };
    }
    if (order.type === "set_rate") {
      const { rate_permille } = order;
      return { ...course, position_ms: present, anchor_ms: Math.max(now, course.anchor_ms), rate_permille };
    }
    const { item_id, duration_ms, position_ms = 0 } = order;
    return { ...course, item_id, duration_ms, position_ms, anchor_ms: now + this.leadMs() };
  }

  private leadMs(): number {
    const delays = [...this.delays.values()].sort((a, b) => a - b);
    const far = delays[Math.ceil(delays.length * 0.95) - 1] ?? 0;
    return Math.round(this.lead(far));
  }
}
