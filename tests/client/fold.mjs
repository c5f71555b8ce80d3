// Folds a room's events as the page does, from the room as it was at k to n, and compares with the room as the server
// has it at n, for random k and n. Arguments: the server's address, a member's token, the room, how many pairs.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const { build } = createRequire(new URL('../../web/package.json', import.meta.url))('esbuild');
const [server, token, room, pairs] = process.argv.slice(2);

const entry = fileURLToPath(new URL('../../web/src/state/reducer.ts', import.meta.url));
const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: 'esm', write: false });
const { apply, begin } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);

async function get(path) {
  const response = await fetch(`${server}/v1/rooms/${room}${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

const at = (seq) => get(`?as_of=${seq}`);

const log = [];
async function readOn() {
  for (;;) {
    const { events } = await get(`/events?after=${log.length}&limit=1000`);
    if (events.length === 0) return;
    log.push(...events);
  }
}

/** The first difference between two values, as a text; null if there is none. */
function difference(ours, theirs, path = 'room') {
  if (Object.is(ours, theirs)) return null;
  const nested = [ours, theirs].every((value) => typeof value === 'object' && value !== null);
  if (!nested || Array.isArray(ours) !== Array.isArray(theirs)) {
    return `${path}: folded ${JSON.stringify(ours)}, the server has ${JSON.stringify(theirs)}`;
  }
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const found = difference(ours[key], theirs[key], `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function fold(state, event) {
  const outcome = apply(state, event);
  if (outcome.kind !== 'applied') throw new Error(`${outcome.kind} at ${JSON.stringify(event)}`);
  return outcome.state;
}

/** Goes from k to n event by event, to say which one is folded differently. */
async function blame(k, n) {
  let state = begin(await at(k), []);
  for (const event of log.slice(k, n)) {
    state = fold(state, event);
    const found = difference(state.room, await at(event.seq));
    if (found !== null) return `${found}\nafter ${JSON.stringify(event)}`;
  }
  return 'no single event is folded differently';
}

const below = (bound) => Math.floor(Math.random() * bound);
let folded = 0;
for (let pair = 0; pair < Number(pairs); pair += 1) {
  await readOn();
  const n = 2 + below(log.length - 1);
  // Half of them are close together: what one event did wrong, a later one may hide.
  const k = pair % 2 === 0 ? 1 + below(n - 1) : Math.max(1, n - 1 - below(20));
  const state = log.slice(k, n).reduce(fold, begin(await at(k), []));
  folded += n - k;
  const found = difference(state.room, await at(n));
  if (found !== null) {
    console.log(`from ${k} to ${n}: ${found}\n${await blame(k, n)}`);
    process.exit(1);
  }
}
const kinds = {};
for (const { type } of log) kinds[type] = (kinds[type] ?? 0) + 1;
console.log(`${pairs} pairs, ${folded} events folded, head ${log.length}`, kinds);
