// Everybody gets in by the door that the room has: a password, an invite, a knock; and some are kept out.
// Argument: the server's address.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { enter, isLive, member, tab } from './support/room.mjs';

const [server] = process.argv.slice(2);

/** The browser's own words on answers that refuse. */
const refusals = [/responded with a status of 40[039]/];

const problem = (page, id) => page.locator(`#${id}-problem`);

async function creates(page, rule, password) {
  await page.goto(server);
  await page.fill('#new-room-name', `By ${rule}`);
  await page.selectOption('#new-room-rule', rule);
  if (password !== undefined) await page.fill('#new-room-password', password);
  await enter(page, 'Ann');
  await isLive(page);
  return page.url();
}

async function byPassword(person) {
  const [ann, ben] = [await person('Ann'), await person('Ben')];
  await ann.goto(server);
  await ann.fill('#new-room-name', 'Locked');
  await ann.selectOption('#new-room-rule', 'password');
  await enter(ann, 'Ann');
  await problem(ann, 'new-room-password').getByText(/password/).waitFor();
  const room = await creates(ann, 'password', ' open sesame ');
  await ben.goto(room);
  assert.equal(await ben.isVisible('#room-password'), false, 'nobody knows yet that it takes one');
  await enter(ben, 'Ben');
  await ben.locator('#room-password:focus').waitFor();
  await ben.fill('#room-password', 'open sesame');
  await ben.press('#room-password', 'Enter');
  await problem(ben, 'room-password').getByText('This is not the password.').waitFor();
  assert.equal(await ben.getAttribute('#room-password', 'aria-invalid'), 'true');
  await ben.fill('#room-password', ' open sesame ');
  await ben.press('#room-password', 'Enter');
  await isLive(ben);
}

await withBrowser(async (person) => {
  await byPassword(person);
}, refusals);
