// Two people follow one video: what one does, both see. Arguments: the server's address, a folder for a screenshot.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';

const { chromium } = createRequire(new URL('../../web/package.json', import.meta.url))('playwright-core');
const [server, pictures] = process.argv.slice(2);
const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--autoplay-policy=user-gesture-required',
];
const browser = await chromium.launch({ executablePath: programs.find(existsSync), args });

const complaints = [];
async function person(name) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(`${name}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`));
  return page;
}

const video = (page) => page.evaluate(() => {
  const { currentTime, paused, readyState } = document.querySelector('video');
  return { at: currentTime, paused, ready: readyState };
});

async function enter(page, name) {
  await page.fill('#display-name', name);
  await page.click('#gate-submit');
  await page.click('#start');
}

const playing = (page) => page.waitForFunction(() => {
  const { paused, currentTime } = document.querySelector('video');
  return !paused && currentTime > 1;
});

try {
  const [ann, ben] = [await person('Ann'), await person('Ben')];
  await ann.goto(server);
  await ann.fill('#new-room-name', 'Movie night');
  await enter(ann, 'Ann');
  await ann.waitForURL(/room_/);
  await ben.goto(ann.url());
  await enter(ben, 'Ben');

  await ann.click('#add-sample');
  await ann.getByText('Sample video').first().waitFor();
  await ann.click('#play');
  await Promise.all([playing(ann), playing(ben)]);
  const [a, b] = await Promise.all([video(ann), video(ben)]);
  assert.ok(Math.abs(a.at - b.at) < 1, `Ann is at ${a.at} s, Ben at ${b.at} s`);

  await ann.fill('#chat-text', 'hello Ben');
  await ann.press('#chat-text', 'Enter');
  await ben.getByText('hello Ben').first().waitFor();
  await ben.screenshot({ path: `${pictures}/room.png` });

  await ben.click('#play');
  const paused = (page) => page.waitForFunction(() => document.querySelector('video').paused);
  await Promise.all([paused(ann), paused(ben)]);
  await ann.waitForFunction((at) => Math.abs(document.querySelector('video').currentTime - at) < 0.5, (await video(ben)).at);

  await ann.reload();
  await ann.getByText('hello Ben').first().waitFor();
  assert.deepEqual(complaints, []);
  console.log('ok');
} finally {
  await browser.close();
}
