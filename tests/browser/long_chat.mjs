// A thousand messages, and everything still answers at once. Argument: the server's address.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { enter, isLive, member, said, say, tab } from './support/room.mjs';

const [server] = process.argv.slice(2);
const MESSAGES = 1_000;
/** What is still felt to be at once, from the key or the click to the picture. */
const AT_ONCE_MS = 100;
/** What a busy machine may add: so many times as long. */
const SLACK = 5;

/** From now on the page measures its interactions. */
const measure = (page) =>
  page.evaluate(() => {
    window.took = [];
    const each = (list) => list.getEntries().forEach(({ name, duration, interactionId }) => interactionId && window.took.push({ name, duration }));
    new PerformanceObserver(each).observe({ type: 'event', durationThreshold: 16 });
  });

await withBrowser(async (person) => {
  const page = await person('Ann');
  await page.goto(server);
  await page.fill('#new-room-name', 'Talk');
  await enter(page, 'Ann');
  await isLive(page);
  const ann = await member(page);
  for (let posted = 0; posted < MESSAGES; posted += 50) {
    const texts = Array.from({ length: 50 }, (_, index) => `message ${posted + index}, and at 1:${String(index + 10)} it gets exciting`);
    await Promise.all(texts.map((text) => ann.command({ type: 'chat.post', text })));
  }
  await page.reload();
  await said(page, new RegExp(`message ${MESSAGES - 1},`)).waitFor();
  // Older ones come when somebody goes up to them.
  await page.waitForFunction(() => {
    document.querySelector('#messages').scrollTop = 0;
    return document.querySelector('#older-messages').hidden;
  });
  const rows = await page.locator('#lines > li').count();
  assert.ok(rows >= MESSAGES, `${rows} rows`);
  await measure(page);
  await page.locator('#chat-text').pressSequentially('twenty letters here!');
  await page.press('#chat-text', 'Enter');
  await said(page, 'twenty letters here!').waitFor();
  for (let turn = 0; turn < 5; turn += 1) {
    await tab(page, 'members');
    await tab(page, 'chat');
    await say(page, `answer ${turn}`);
  }
  const last = page.locator('#lines > li', { hasText: 'answer 4' });
  await last.hover();
  await last.getByRole('button').first().click();
  // What was not slow enough to be measured counts as nothing.
  const took = (await page.evaluate(() => new Promise((done) => setTimeout(() => done(window.took), 500)))).map(({ duration }) => duration);
  const interactions = 20 + 1 + 5 * 4;
  const sorted = [...Array(Math.max(0, interactions - took.length)).fill(0), ...took].sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor((sorted.length - 1) * share)];
  console.log(`${rows} rows; an interaction takes ${at(0.5)} ms (p50), ${at(0.75)} ms (p75), ${at(0.98)} ms (p98), ${at(1)} ms at most`);
  assert.ok(at(0.75) < SLACK * AT_ONCE_MS, `p75 is ${at(0.75)} ms`);
});
