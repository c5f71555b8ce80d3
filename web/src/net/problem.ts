/** A refusal of the server (problem+json), or a failure to reach it (status 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** What the problem says besides. */
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = "Problem";
  }

  /** Reads the body of a failed answer; anything unreadable still gives a sentence to show. */
  static from(status: number, body: unknown): Problem {
    const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
    const text = (key: string) => (typeof fields[key] === "string" ? (fields[key] as string) : "");
    const code = text("code") || `http_${status}`;
    return new Problem(status, code, text("detail") || text("title") || `The server answered ${status}.`, fields);
  }

  static unreachable(): Problem {
    return new Problem(0, "unreachable", "The server cannot be reached.");
  }
}

/** How long whoever was too fast has to wait. */
export function secondsToWait({ more }: Problem): number {
  return Math.max(1, Math.ceil(Number(more["retry_after_ms"] ?? 0) / 1000));
}

/** Whether repeating the call cannot help. */
export function isFinal(problem: Problem): boolean {
  return [401, 403, 404].includes(problem.status);
}
