import type { Later } from "../net/later";
import type { Permission } from "../state/permissions";
import { refusal } from "../state/rights";
import type { Command, Mode, Playback, Room } from "../state/types";
import { whyNot } from "../state/why_not";
import { positionAt } from "../sync/motion";

/** Whether the room wants to play, though it may wait for somebody just now. */
export function isOn({ playing, hold }: Playback): boolean {
  return playing || hold !== null;
}

export interface SteeringPorts {
  me: string;
  /** The server's time in ms; null while unknown. */
  now(): number | null;
  later: Later;
  /** Where this person's own medium is, in ms. */
  seenMs(): number | null;
  durationMs(): number | null;
  /** Resolves when the command is done, whatever came of it. */
  send(command: Command): Promise<boolean>;
  /** This person may not, as far as the room tells. */
  refused(reason: string): void;
}

/** Keys that repeat and sliders seek many times; only where it comes to rest is a command. */
const REST_MS = 250;

/** What this person wants of the room's playback, as commands that say what they want: never the opposite of what is. */
export class Steering {
  private room: Room | null = null;
  private aimMs: number | null = null;
  private cancel: (() => void) | null = null;

  constructor(private readonly ports: SteeringPorts) {}

  show(room: Room): void {
    if (room.playback.item_id !== this.room?.playback.item_id) this.drop();
    this.room = room;
  }

  /** Where the room will be told to go, once that has come to rest. */
  get aim(): number | null {
    return this.aimMs;
  }

  /** Why this person may not; null if they may. */
  refusal(permission: Permission): string | null {
    return this.room === null ? null : whyNot(refusal(this.room, this.ports.me, permission));
  }

  durationMs(): number | null {
    return this.room?.playback.duration_ms ?? this.ports.durationMs();
  }

  /** Where the room is, in ms. */
  positionMs(): number | null {
    const now = this.ports.now();
    return this.room === null || now === null ? null : positionAt(this.room.playback, now, this.durationMs());
  }

  playOrPause(): void {
    if (this.room !== null && isOn(this.room.playback)) this.pause();
    else void this.play();
  }

  /** Also ends a hold. */
  play(): Promise<boolean> {
    return this.command("playback.control", { type: "playback.play" });
  }

  step(to: "next" | "previous"): void {
    void this.command("playback.navigate", { type: `playback.${to}` });
  }

  setRate(rate_permille: number): Promise<boolean> {
    return this.command("playback.rate", { type: "playback.set_rate", rate_permille }, {});
  }

  setMode(mode: Mode): Promise<boolean> {
    return this.command("playback.navigate", { type: "playback.set_mode", mode }, {});
  }

  startReadyCheck(): void {
    void this.command("playback.control", { type: "ready.start", deadline_ms: READY_MS }, {});
  }

  markReady(ready: boolean): void {
    void this.ports.send({ type: "ready.mark", ready });
  }

  cancelReadyCheck(): void {
    void this.ports.send({ type: "ready.cancel" });
  }

  /** What was done to the video itself: it says what it expects. */
  gesture(command: Command): Promise<boolean> {
    return this.command("playback.control", command, {});
  }

  /** Takes the whole room to this place. */
  seekTo(positionMs: number): void {
    this.drop();
    void this.command("playback.control", { type: "playback.seek", position_ms: this.clamped(positionMs) });
  }

  /** The same, unless another place is named at once. */
  seekSoon(positionMs: number): void {
    this.cancel?.();
    this.aimMs = this.clamped(positionMs);
    this.cancel = this.ports.later(REST_MS, () => this.seekTo(this.aimMs ?? positionMs));
  }

  seekBy(stepMs: number): void {
    const from = this.aimMs ?? this.positionMs();
    if (from !== null) this.seekSoon(from + stepMs);
  }

  private pause(): void {
    const seen = this.ports.seenMs();
    void this.command("playback.control", { type: "playback.pause", ...(seen === null ? {} : { position_ms: seen }) });
  }

  private drop(): void {
    this.cancel?.();
    this.cancel = null;
    this.aimMs = null;
  }

  private clamped(positionMs: number): number {
    return Math.round(Math.min(Math.max(0, positionMs), this.durationMs() ?? Number.MAX_SAFE_INTEGER));
  }

  private async command(permission: Permission, command: Command, expected = this.expected()): Promise<boolean> {
    const reason = this.refusal(permission);
    if (reason === null) return this.ports.send({ ...command, ...expected });
    this.ports.refused(reason);
    return false;
  }

  /** Another item may be on by the time the room hears of it. */
  private expected(): { expected_item?: string } {
    const item = this.room?.playback.item_id;
    return item ? { expected_item: item } : {};
  }
}

/** How long a ready check waits for everybody. */
const READY_MS = 60_000;
