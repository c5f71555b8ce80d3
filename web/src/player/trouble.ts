import { kindByType, type Kind } from "./sources";

/** Why a medium does not play. */
export type Trouble = "not_found" | "refused" | "failing" | "cross_origin" | "insecure" | "unreachable" | "unplayable";

/** What the medium's server answered to the page. */
export type Probe =
  | { kind: "answered"; status: number; type: string }
  /** It answers, but does not let other sites read it. */
  | { kind: "hidden" }
  | { kind: "silent" };

export type Verdict = { trouble: Trouble } | { insteadBy: Kind };

/** Why what was played by `kind` failed, or who can play it instead. */
export function judge(probe: Probe, kind: Kind, insecure: boolean): Verdict {
  if (insecure) return { trouble: "insecure" };
  if (probe.kind === "silent") return { trouble: "unreachable" };
  if (probe.kind === "hidden") return { trouble: kind === "native" ? "unplayable" : "cross_origin" };
  const { status, type } = probe;
  if (status === 404 || status === 410) return { trouble: "not_found" };
  if (status === 401 || status === 403) return { trouble: "refused" };
  if (status >= 400) return { trouble: "failing" };
  const other = kindByType(type);
  return other !== null && other !== kind ? { insteadBy: other } : { trouble: "unplayable" };
}

const PATIENCE_MS = 8_000;

/** Asks the medium's server for as little as possible. */
export async function probe(url: string): Promise<Probe> {
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), PATIENCE_MS);
  const ask = (mode: RequestMode) =>
    fetch(url, { mode, headers: { Range: "bytes=0-0" }, credentials: "omit", signal: enough.signal });
  try {
    const { status, headers } = await ask("cors");
    return { kind: "answered", status, type: headers.get("content-type") ?? "" };
  } catch {
    return await ask("no-cors").then(() => ({ kind: "hidden" }) as const, () => ({ kind: "silent" }) as const);
  } finally {
    clearTimeout(timer);
    enough.abort();
  }
}

/** Browsers do not load what is not encrypted into a page that is. */
export function isInsecure(url: string, page: string): boolean {
  return page.startsWith("https:") && url.startsWith("http:");
}
