// What is the room's and what is one's own; what may not be done says why; a ready check and a wait; a video that does
// not play. Argument: the server's address.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { enter, isLive, isPaused, member, playing, said as message, say, tab } from './support/room.mjs';

const [server] = process.argv.slice(2);
const GONE = `${server}/no-such-video.mp4`;

const isShown = (page, id) => page.locator(`#${id}`).waitFor();
const isGone = (page, id) => page.locator(`#${id}`).waitFor({ state: 'hidden' });
const said = (page, id) => page.locator(`#${id}`).textContent();
const video = (page, read) => page.evaluate(`(({ ${read} }) => ${read})(document.querySelector('video'))`);

/** Stops the video, and lets the page see to that. */
const pauses = (page) =>
  page.evaluate(() => {
    const video = document.querySelector('video');
    const seen = new Promise((done) => video.addEventListener('pause', () => done(), { once: true }));
    video.pause();
    return seen;
  });

/** Stands in for a browser that does not let a page play by itself; a click is enough for it. */
async function refusesToPlay(page, refused) {
  await page.addInitScript((refused) => {
    const { play } = HTMLMediaElement.prototype;
    let clicked = false;
    addEventListener('click', () => (clicked = true), true);
    HTMLMediaElement.prototype.play = function () {
      const free = clicked || (refused === 'sound' && this.muted);
      return free ? play.call(this) : Promise.reject(new DOMException('a gesture is needed', 'NotAllowedError'));
    };
  }, refused);
  await page.reload();
}

await withBrowser(async (person) => {
  const [ann, ben] = [await person('Ann'), await person('Ben')];
  const wire = { say: () => {}, quiet: false };
  await ben.routeWebSocket(/\/ws\?/, (socket) => {
    const behind = socket.connectToServer();
    wire.say = (message) => behind.send(JSON.stringify(message));
    socket.onMessage((text) => (wire.quiet && JSON.parse(text).presence) || behind.send(text));
  });
  await ann.goto(server);
  await ann.fill('#new-room-name', 'Movie night');
  await enter(ann, 'Ann');
  await isLive(ann);
  await ben.goto(ann.url());
  await enter(ben, 'Ben');
  await isLive(ben);

  await tab(ann, 'playlist');
  await ann.click('#add-sample');
  await ann.locator('#play[aria-disabled="false"]').waitFor();
  await ann.locator('#ready-start').click();
  await Promise.all([isShown(ann, 'ready'), isShown(ben, 'ready')]);
  await ben.locator('#ready-mine').press('Enter');
  await ann.getByText('1 of 2 ready').first().waitFor();
  await ann.click('#ready-mine');
  await Promise.all([isShown(ann, 'countdown'), isShown(ben, 'countdown')]);
  assert.match(await said(ben, 'countdown'), /^[123]$/);
  await Promise.all([playing(ann), playing(ben)]);
  await Promise.all([isGone(ann, 'countdown'), isGone(ann, 'ready'), isShown(ann, 'ready-start')]);

  // Ben's page says nothing of how it is; it is said for him.
  wire.quiet = true;
  wire.say({ presence: { state: 'ready' } });
  wire.say({ presence: { state: 'buffering' } });
  await isShown(ann, 'hold');
  await isPaused(ann);
  assert.match(await said(ann, 'hold-text'), /^Waiting for Ben \(\d s\)$/);
  await ann.click('#hold-go-on');
  await isGone(ann, 'hold');
  wire.quiet = false;
  wire.say({ presence: { state: 'ready' } });
  await playing(ann);

  // What is Ben's own is his alone.
  await ben.keyboard.press('m');
  await ben.waitForFunction(() => document.querySelector('video').muted);
  assert.equal(await video(ann, 'muted'), false);
  await ben.click('#sync');
  await ben.check('#sync-free');
  await ben.locator('#sync[data-sign="off"]').waitFor();
  await pauses(ben);
  // What he says comes after whatever his pause made of itself.
  await say(ben, 'I look out of the window');
  await message(ann, 'I look out of the window').waitFor({ state: 'attached' });
  assert.equal(await video(ann, 'paused'), false, 'who goes his own way stopped the others');
  await ben.click('#sync');
  await ben.click('#sync-now');
  await playing(ben);
  assert.equal(await ben.isChecked('#sync-free'), false);
  await ben.keyboard.press('Escape');

  const owner = await member(ann);
  const { settings } = (await owner.room()).versions;
  await owner.command({ type: 'room.update_settings', control: 'owner', expect: { settings } });
  const play = ben.locator('#play');
  await ben.locator('#play[aria-disabled="true"]').waitFor();
  await play.focus();
  assert.match(await said(ben, await play.getAttribute('aria-describedby')), /owner/);
  await play.press('Enter');
  await ben.evaluate(() => document.querySelector('video').pause());
  await ben.getByText(/leaves playback to its owner/).last().waitFor();
  await playing(ben);
  assert.equal(await video(ann, 'paused'), false, 'who may not steer stopped the others');
  await ann.click('#play');
  await isPaused(ben);

  await tab(ann, 'playlist');
  await ann.fill('#add-url', GONE);
  await ann.press('#add-url', 'Enter');
  await ann.locator('#playlist li').nth(1).waitFor();
  await ann.click('#next');
  await Promise.all([isShown(ann, 'trouble'), isShown(ben, 'trouble')]);
  assert.match(await said(ben, 'trouble-text'), /not there any more/);
  await ann.click('#previous');
  await isGone(ann, 'trouble');
  await ann.click('#play');
  await playing(ann);

  await refusesToPlay(ben, 'sound');
  await isShown(ben, 'unmute');
  await playing(ben);
  await ben.click('#unmute');
  assert.equal(await video(ben, 'muted'), false);
  await isGone(ben, 'unmute');
  await refusesToPlay(ben, 'everything');
  await isShown(ben, 'start');
  await ben.click('#start');
  await playing(ben);
}, [/404/]);
