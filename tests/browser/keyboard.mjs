// Everything by the keyboard alone, and where one is can always be seen. Argument: the server's address.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { isLive, isPaused, playing, said } from './support/room.mjs';

const [server] = process.argv.slice(2);
const FARTHEST = 120;

await withBrowser(async (person) => {
  const page = await person('Ann');
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  const type = (text) => page.keyboard.type(text);

  /** Where the focus is; it has to be seen, and nothing may lie over it. */
  const focus = () =>
    page.evaluate(() => {
      const at = document.activeElement;
      const { left, top, width, height } = at.getBoundingClientRect();
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
      const over = document.elementFromPoint(left + width / 2, top + height / 2);
      return {
        name: `${at.tagName.toLowerCase()}#${at.id}.${at.className}`,
        seen: at === document.body || (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none',
        free: at === document.body || over === null || at.contains(over) || over.contains(at) || over.closest('label')?.control === at,
      };
    });

  /** Goes on with Tab until the focus is there. */
  async function reach(selector) {
    const passed = [];
    for (let step = 0; step < FARTHEST; step += 1) {
      if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
      await press('Tab');
      const { name, seen, free } = await focus();
      assert.ok(seen, `the focus on ${name} cannot be seen`);
      assert.ok(free, `something lies over ${name}`);
      passed.push(name);
    }
    assert.fail(`Tab does not lead to ${selector}: ${passed.join(' ')}`);
  }

  await page.goto(server);
  await page.locator('#display-name').waitFor();
  await reach('#display-name');
  await type('Ann');
  await reach('#new-room-name');
  await type('Movie night');
  await press('Enter');
  await isLive(page);

  await reach('[role="tab"][aria-selected="true"]');
  await press('ArrowRight');
  await reach('#add-url');
  for (const [count, name] of ['one', 'two', 'three'].entries()) {
    await page.locator('#add-url:focus').waitFor();
    await type(`${server}/sample.mp4?${name}`);
    await press('Enter');
    await page.locator('#playlist li').nth(count).waitFor();
    await page.waitForFunction(() => document.querySelector('#add-url').value === '');
  }
  const order = () => page.locator('#playlist li .choose').evaluateAll((items) => items.map(({ textContent }) => textContent));
  const before = await order();
  await reach('#playlist li:nth-child(3) .grip');
  await press('Enter', 'ArrowUp', 'ArrowUp', 'Enter');
  await page.waitForFunction(([last]) => document.querySelector('#playlist li .choose').textContent === last, [before[2]]);
  assert.deepEqual(await order(), [before[2], before[0], before[1]]);
  await reach('#playlist li:nth-child(2) .choose');
  await press('Enter');
  await page.locator('#playlist li:nth-child(2) [aria-current="true"]').waitFor();

  await press('k');
  await playing(page);
  await press('k');
  await isPaused(page);
  const at = () => page.evaluate(() => document.querySelector('video').currentTime);
  const from = await at();
  await press('l');
  await page.waitForFunction((from) => document.querySelector('video').currentTime > from + 5, from);
  await press('t');
  await page.locator('#chat-text:focus').waitFor();
  await type('klm? are letters here');
  await press('Enter');
  await said(page, 'klm? are letters here').waitFor();
  await press('Escape');
  await press('?');
  await page.locator('dialog[open]').waitFor();
  await press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  await reach('#open-settings');
  await press('Enter');
  await page.locator('dialog[open]').waitFor();
  await press('Escape');
  await page.locator('#open-settings:focus').waitFor();
  await reach('#sync');
  await press('Enter');
  await page.locator('#sync-details:popover-open').waitFor();
  await press('Escape');
  await reach('#ready-start');
  await press('Enter');
  await reach('#ready-mine');
  await press('Space');
  await playing(page);
});
