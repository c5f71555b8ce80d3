//! Prints how far from the truth people are by our rule and by those of peers, in the same rooms: `npm run sim`.
import { writeFileSync } from "node:fs";
import { ORDINARY, type Kind } from "./client";
import { evening, type Steer } from "./evening";
import { Measure } from "./measure";
import { Jellyfin, jellyfinLead, jellyfinSteer } from "./peers/jellyfin";
import { Upstream } from "./peers/upstream";
import type { Lead } from "./room";
import { crowd } from "./world";

interface Rule {
  key: string;
  name: string;
  control: Kind["control"];
  lead?: Lead;
  steer?: Steer;
}

interface Outcome {
  p50: number;
  p95: number;
  p99: number;
  seeks: number;
  audible: number;
}

const RUNS = 10;
const PEOPLE = 10;
const STEADY_MS = 600_000;
const HOUR_MS = 3_600_000;

const OURS: Rule = { key: "ours", name: "SyncTV", control: ORDINARY.control };
const PEERS: Rule[] = [
  {
    key: "upstream",
    name: "upstream SyncTV's rule",
    control: (media, ports) => new Upstream(media, ports),
    lead: () => 0,
  },
  ...[false, true].map((correction) => ({
    key: correction ? "jellyfin_corrected" : "jellyfin",
    name: `Jellyfin SyncPlay's rule, correction ${correction ? "on" : "off (its default)"}`,
    control: ((media, ports) => new Jellyfin(media, ports, correction)) as Kind["control"],
    lead: jellyfinLead,
    steer: jellyfinSteer,
  })),
];

const FIGURES: { key: keyof Outcome; name: string; unit: string }[] = [
  { key: "p50", name: "distance.p50", unit: "ms" },
  { key: "p95", name: "distance.p95", unit: "ms" },
  { key: "p99", name: "distance.p99", unit: "ms" },
  { key: "seeks", name: "seeks", unit: "/client/h" },
  { key: "audible", name: "audible", unit: "% of the time" },
];

/** Twenty commands, then ten minutes without any. Rates are left out: not every peer shares them. */
async function run({ control, lead, steer }: Rule, seed: number): Promise<Outcome> {
  const world = crowd(seed, PEOPLE, { control }, lead);
  await world.playing();
  const measure = new Measure();
  measure.watch(world);
  const startMs = world.timeline.nowMs;
  const seeks = await world.seeksDuring(async () => {
    await evening(world, ["pause", "seek", "seek"], () => undefined, steer);
    if (!world.room.course.playing) world.order({ type: "play" });
    await world.pass(STEADY_MS);
  });
  const hours = (PEOPLE * (world.timeline.nowMs - startMs)) / HOUR_MS;
  const { p50, p95, p99, audible } = measure.figures;
  return { p50, p95, p99, audible, seeks: seeks.reduce((sum, count) => sum + count, 0) / hours };
}

async function runs(rule: Rule): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= RUNS; seed += 1) outcomes.push(await run(rule, seed));
  return outcomes;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

const column = (outcomes: readonly Outcome[], key: keyof Outcome) => outcomes.map((outcome) => outcome[key]);

/** As in bench/results.json: above 1 ours is better. Where a peer never does a thing there is no ratio to tell. */
function rows(ours: readonly Outcome[], peer: Rule, theirs: readonly Outcome[]): object[] {
  return FIGURES.map(({ key, name, unit }) => {
    const [mine, others] = [column(ours, key), column(theirs, key)];
    const ratios = mine.map((value, i) => (others[i] ?? NaN) / value).filter((ratio) => Number.isFinite(ratio) && ratio > 0);
    const spread = ratios.length === 0 ? mine : ratios;
    return {
      name: `sync.${name}.${peer.key}`,
      unit,
      ours: median(mine),
      peer: peer.name,
      peer_value: median(others),
      ratio: ratios.length === 0 ? null : median(ratios),
      goal: null,
      runs: RUNS,
      spread: [Math.min(...spread), Math.max(...spread)],
    };
  });
}

function print(name: string, outcomes: readonly Outcome[]): void {
  const cells = FIGURES.map(({ key }) => median(column(outcomes, key)).toFixed(1).padStart(9));
  console.log(`${name.padEnd(58)}${cells.join("")}`);
}

const ours = await runs(OURS);
console.log(`${"".padEnd(58)}${["p50 ms", "p95 ms", "p99 ms", "seeks/h", "audible%"].map((head) => head.padStart(9)).join("")}`);
print(OURS.name, ours);
const all: object[] = [];
for (const peer of PEERS) {
  const theirs = await runs(peer);
  print(peer.name, theirs);
  all.push(...rows(ours, peer, theirs));
}
const file = process.argv[process.argv.indexOf("--json") + 1];
if (process.argv.includes("--json") && file !== undefined) writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
