// A live stream: one publishes it, all see it, and whatever breaks comes back by itself.
// Arguments: the server's address (which takes live streams), a folder; the pictures go into PICTURES, if that is set.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { line } from './support/line.mjs';
import { behind, isNear, publish, shows } from './support/live.mjs';
import { enter, isLive, member, tab } from './support/room.mjs';
import { SOME, viewer } from './support/views.mjs';

const [server, folder] = process.argv.slice(2);
const found = [];
const view = viewer(process.env.PICTURES || folder, found, SOME);
const way = await line(server);

/** What a page says of a connection that is cut. */
const CUT = [/ERR_|WebSocket|Failed to (load|fetch)|\[(FetchStreamLoader|IOController|TransmuxingController|MSE)/];

/** Makes a key in the sheet, and takes it from there. */
async function makesAKey(ann) {
  await tab(ann, 'members');
  await ann.click('#live-open');
  const address = await ann.locator('#live-server-0').inputValue();
  await view(ann, 'live-sheet');
  await ann.click('#live-key-make');
  await ann.locator('#live-keys .entry').waitFor();
  const key = await ann.locator('#live-key:focus').inputValue();
  assert.ok((await ann.inputValue('#live-ffmpeg')).includes(`${address}/${key}`));
  await ann.keyboard.press('Escape');
  await ann.click('#live-open');
  assert.equal(await ann.locator('#live-key').isVisible(), false, 'it is shown once');
  await ann.keyboard.press('Escape');
  return `${address}/${key}`;
}

async function isWatched(ann, ben) {
  for (const page of [ann, ben]) await shows(page, 'playing', 'flv');
  await isNear(ben, 1_500);
  const delay = await behind(ben, 10);
  console.log(`FLV is behind by ${delay.median} ms, p95 ${delay.p95} ms, at most ${delay.most} ms`);
  assert.ok(delay.p95 <= 2_000, 'anybody would notice it');
  await ben.locator('#live-by').getByText('Ann is live').waitFor();
  await view(ben, 'live-stage');
  await ben.selectOption('#live-way', 'hls');
  await shows(ben, 'playing', 'hls');
  await isNear(ben, 15_000);
  await ben.selectOption('#live-way', 'flv');
  await shows(ben, 'playing', 'flv');
  await ben.click('#live-change');
  await ben.locator('#stage[data-live="aside"]').waitFor();
  await view(ben, 'live-aside');
  await ben.click('#live-change');
  await shows(ben, 'playing', 'flv');
}

async function comesBack(ben) {
  way.cut();
  await shows(ben, 'waiting');
  await view(ben, 'live-broken');
  way.mend();
  await shows(ben, 'playing');
  await isLive(ben);
}

await withBrowser(async (person) => {
  const [ann, ben] = [await person('Ann'), await person('Ben')];
  await ann.goto(server);
  await ann.fill('#new-room-name', 'Live night');
  await enter(ann, 'Ann');
  await ann.waitForURL(/room_/);
  await ben.goto(way.url + new URL(ann.url()).pathname);
  await enter(ben, 'Ben');
  await isLive(ben);
  assert.equal(await ben.locator('#live-open').isVisible(), false, 'who may not publish sees nothing of it');

  const url = await makesAKey(ann);
  const first = publish(url);
  await isWatched(ann, ben);
  await comesBack(ben);

  await first.end();
  await shows(ben, 'ended');
  await ben.locator('#live-veil').getByText('the publisher lost the connection').waitFor();
  const second = publish(url);
  await shows(ben, 'playing', 'flv');

  await ann.click('#live-open');
  await ann.click('#live-stop');
  await ann.locator('dialog.confirm .danger').click();
  await second.ended;
  await ben.locator('#live-veil').getByText('Ann stopped the live stream.').waitFor();
  await shows(ben, 'off');
  await ann.locator('#live-keys .entry button').click();
  await ann.locator('#live-keys .entry').waitFor({ state: 'detached' });
  await publish(url).ended;

  const types = (await (await member(ann)).events()).map(({ type }) => type).filter((type) => type.startsWith('live.'));
  const twice = ['live.started', 'live.stopped', 'live.started', 'live.stopped'];
  assert.deepEqual(types, ['live.key_created', ...twice, 'live.key_revoked']);
  assert.deepEqual(found, []);
}, CUT);
way.close();
