// Every view in light, dark and forced colours: nobody is shut out of it, and here is what it looks like.
// Arguments: the server's address, a folder; the pictures go into PICTURES, if that is set.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { film } from './support/film.mjs';
import { add, enter, follows, isLive, playing, say, tab } from './support/room.mjs';
import { settled, SIZES, viewer } from './support/views.mjs';

const [server, folder] = process.argv.slice(2);
const pictures = process.env.PICTURES || folder;
const found = [];
const view = viewer(pictures, found);

/** Sizes at which things come close to each other: a phone on its side, a low window, and what is left of a window at 400 %. */
const TIGHT = [[844, 390], [667, 375], [1280, 480], [320, 568]];

/** Whether nothing lies over anything else, or is wider than where it stands. */
async function fits(page) {
  for (const [width, height] of TIGHT) {
    await page.setViewportSize({ width, height });
    await settled(page);
    const faults = await page.evaluate(() => {
      const box = (selector) => document.querySelector(selector).getBoundingClientRect();
      const wide = [...document.querySelectorAll('.panel, .shared')].filter((part) => part.checkVisibility() && part.scrollWidth > part.clientWidth);
      const over = box('.screen').bottom > box('.controls').top ? ['the picture lies over the controls'] : [];
      return [...over, ...wide.map(({ id, className }) => `${id || className} is too narrow for what it holds`)];
    });
    found.push(...faults.map((fault) => `${width}×${height}: ${fault}`));
  }
  await page.setViewportSize(SIZES.wide);
}

await withBrowser(async (person) => {
  const [ann, ben] = [await person('Ann'), await person('Ben')];
  await ann.goto(server);
  await ann.locator('#display-name').waitFor();
  await view(ann, 'gate');
  await ann.fill('#new-room-name', 'Movie night');
  await enter(ann, 'Ann');
  await ann.waitForURL(/room_/);
  await isLive(ann);
  await view(ann, 'room-empty');
  await ben.goto(ann.url());
  await ben.locator('#display-name').waitFor();
  await view(ben, 'gate-invited');
  await enter(ben, 'Ben');
  await isLive(ben);

  await add(ann, await film(folder, 'gradients=size=384x216:speed=0.03:n=5:seed=7'));
  await ann.click('#add-sample');
  await ann.click('#play');
  await Promise.all([ann, ben].map(playing));
  await say(ben, 'Is everybody comfortable?');
  await say(ann, 'Yes! My favourite scene is at 1:23');
  await say(ben, 'Popcorn is ready');
  await tab(ann, 'chat');
  await follows(ann);
  await view(ann, 'room');
  for (const panel of ['playlist', 'members', 'timeline']) {
    await tab(ann, panel);
    await view(ann, panel);
  }
  await tab(ann, 'chat');
  await ann.click('#sync');
  await view(ann, 'sync');
  await ann.keyboard.press('Escape');
  await ann.click('#ready-start');
  await ann.locator('#ready').waitFor();
  await view(ann, 'ready');
  await ann.click('#ready-cancel');
  await ann.click('#open-settings');
  await view(ann, 'settings');
  await ann.keyboard.press('Escape');

  const cleo = await person('Cleo');
  await cleo.goto(ann.url());
  await enter(cleo, 'W'.repeat(60));
  await isLive(cleo);
  await say(cleo, 'long'.repeat(300));
  for (const panel of ['chat', 'playlist', 'members', 'timeline']) {
    await tab(ann, panel);
    await fits(ann);
  }
  assert.deepEqual(found, []);
});
