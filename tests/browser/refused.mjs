// Who may not steer is told why, and their player goes back to where the room is. Arguments: the server's address, a folder.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { film } from './support/film.mjs';
import { add, count, enter, follows, isLive, member, playing, skews } from './support/room.mjs';

const [server, folder] = process.argv.slice(2);

/** The browser's own words on an answer that refuses. */
const refusals = [/responded with a status of 403/];

await withBrowser(async (person) => {
  const [ann, ben] = [await person('Ann'), await person('Ben')];
  await ann.goto(server);
  await ann.fill('#new-room-name', 'Movie night');
  await enter(ann, 'Ann');
  await ann.waitForURL(/room_/);
  await isLive(ann);
  await ben.goto(ann.url());
  await enter(ben, 'Ben');
  await isLive(ben);
  await add(ann, await film(folder));
  await ann.click('#play');
  await Promise.all([ann, ben].map(playing));
  const owner = await member(ann);
  const { versions } = await owner.room();
  await owner.command({ type: 'room.update_settings', control: 'owner', expect: { settings: versions.settings } });

  // Greyed, and still there to be asked.
  const play = ben.locator('#play[aria-disabled="true"]');
  await play.waitFor();
  const why = () => play.evaluate((control) => (control.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent).join(' '));
  assert.match(await why(), /owner/i, 'it does not say why');
  const steered = await count(ann);
  await play.click({ force: true });
  await ben.locator('#why .settles').getByText('The room leaves playback to its owner.').waitFor();
  await ben.keyboard.press('Escape');
  await ben.locator('#seek').press('ArrowRight');

  // What a media key or a window of the system does, no control holds back.
  await ben.evaluate(() => document.querySelector('video').pause());
  await ben.locator('#problems').getByText(/owner/i).first().waitFor();
  await playing(ben);
  // As the browser's own controls do it: not by the property that scripts write to.
  await ben.evaluate(() => {
    const { get, set } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'currentTime');
    const video = document.querySelector('video');
    set.call(video, get.call(video) + 60);
  });
  await Promise.all([ann, ben].map(follows));
  await ben.waitForFunction(() => document.querySelector('video').currentTime < 50);
  const apart = await skews([ann, ben], 1_500);
  assert.ok(apart.at(-1) < 200, `they are ${apart.at(-1)} ms apart`);
  assert.equal(await count(ann), steered, 'it was done');
}, refusals);
