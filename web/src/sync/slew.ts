const STEP_BEYOND_MS = 50;
const PER_MS = 0.005;

/** A value that moves to its target so slowly that no player has to jump after it, unless the target is far away. */
export class Slew {
  private value = 0;
  private target = 0;
  private atMs = 0;

  /** What it has come to. */
  at(nowMs: number): number {
    const reach = PER_MS * Math.max(0, nowMs - this.atMs);
    const left = this.target - this.value;
    this.value += Math.sign(left) * Math.min(Math.abs(left), reach);
    this.atMs = nowMs;
    return this.value;
  }

  /** Turns to another target; at once if asked. */
  turn(target: number, nowMs: number, atOnce: boolean): void {
    this.at(nowMs);
    this.target = target;
    if (atOnce || Math.abs(target - this.value) > STEP_BEYOND_MS) this.value = target;
  }
}
