// Everybody gets in by the door that the room has: a password, a knock, an invite; and some are sent away.
// Argument: the server's address.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { enter, isLive, member, tab } from './support/room.mjs';

const [server] = process.argv.slice(2);

/** The browser's own words on answers that refuse. */
const refusals = [/responded with a status of 40[039]/];

const problem = (page, id) => page.locator(`#${id}-problem`);
const row = (page, name) => page.locator('#members li', { hasText: name });
const dialog = (page, id) => page.locator(`dialog#${id}[open]`);
const button = (within, name) => within.getByRole('button', { name, exact: true });

/** Ann makes a room with this rule. */
async function makes(ann, rule, password) {
  await ann.goto(server);
  await ann.fill('#new-room-name', `By ${rule}`);
  await ann.selectOption('#new-room-rule', rule);
  if (password !== undefined) await ann.fill('#new-room-password', password);
  await enter(ann, 'Ann');
  await isLive(ann);
  await ann.waitForURL(/room_/);
  return ann.url();
}

async function byPassword(person) {
  const [ann, ben] = [await person('Ann'), await person('Ben')];
  await ann.goto(server);
  await ann.fill('#new-room-name', 'Locked');
  await ann.selectOption('#new-room-rule', 'password');
  await enter(ann, 'Ann');
  await problem(ann, 'new-room-password').getByText(/password/).waitFor();
  const room = await makes(ann, 'password', ' open sesame ');

  await ben.goto(room);
  assert.equal(await ben.isVisible('#room-password'), false, 'nobody knows yet that it takes one');
  await enter(ben, 'Ben');
  await ben.locator('#room-password:focus').waitFor();
  await ben.keyboard.type('open sesame');
  await ben.keyboard.press('Enter');
  await problem(ben, 'room-password').getByText('This is not the password.').waitFor();
  assert.equal(await ben.getAttribute('#room-password', 'aria-invalid'), 'true');
  await ben.fill('#room-password', ' open sesame ');
  await ben.keyboard.press('Enter');
  await isLive(ben);
  const said = JSON.stringify(await (await member(ann)).events());
  assert.doesNotMatch(said, /sesame/, 'the password is in the log');
}

async function byKnocking(person) {
  const [ann, ben, cat] = [await person('Ann'), await person('Ben'), await person('Cat')];
  const room = await makes(ann, 'approval');
  for (const [page, name] of [[ben, 'Ben'], [cat, 'Cat']]) {
    await page.goto(room);
    await enter(page, name);
    await page.locator('#knock-message:focus').waitFor();
    const knocks = await ann.locator('#knocks li').allTextContents();
    assert.ok(!knocks.some((knock) => knock.includes(name)), 'it knocked before there was a message');
    await page.keyboard.type(`It is ${name}`);
    await page.keyboard.press('Enter');
    await page.locator('#waiting-text').waitFor();
  }
  await ann.locator('#members-tab .badge', { hasText: '2' }).waitFor();
  assert.equal(await ann.getAttribute('#members-tab', 'aria-label'), 'Members, 2 people wait to be let in');
  await tab(ann, 'members');
  await ann.locator('#knocks').getByText('It is Ben').waitFor();
  // Who waits and comes back goes on waiting.
  await ben.reload();
  await enter(ben, 'Ben');
  await ben.locator('#waiting-text').waitFor();
  await button(ann, 'Let in: Ben').click();
  await isLive(ben);
  await button(ann, 'Send away: Cat').click();
  await cat.getByText(/You were sent away\. You can try again at \d/).waitFor();
  assert.equal(await cat.isVisible('#waiting'), false);
  await ann.locator('#knocking').waitFor({ state: 'hidden' });
  assert.equal(await ann.locator('#members-tab .badge').count(), 0);

  // Whoever may not let people in sees who waits, and hears why they may not.
  const dan = await person('Dan');
  await dan.goto(room);
  await enter(dan, 'Dan');
  await dan.locator('#knock-message:focus').waitFor();
  await dan.click('#gate-submit');
  await tab(ben, 'members');
  const letIn = button(ben, 'Let in: Dan');
  assert.equal(await letIn.getAttribute('aria-disabled'), 'true');
  await letIn.click({ force: true });
  await ben.locator('#why .settles').getByText('You are a member, a role without this right.').waitFor();
}

async function byInvite(person) {
  const [ann, ben, cat] = [await person('Ann', { permissions: ['clipboard-read', 'clipboard-write'] }), await person('Ben'), await person('Cat')];
  const room = await makes(ann, 'invite');
  await ben.goto(room);
  await enter(ben, 'Ben');
  await ben.locator('#gate-problem', { hasText: 'Only who has an invite' }).waitFor();

  await tab(ann, 'members');
  await ann.click('#invites-open');
  await dialog(ann, 'invites').waitFor();
  await button(ann, 'Make the link').click();
  const link = await ann.locator('#invites .made input').inputValue();
  assert.match(link, /\/r\/room_\w+#invite=/);
  await ann.waitForFunction(async (link) => (await navigator.clipboard.readText()) === link, link);
  await ann.locator('#invites').getByText('0 of 1 used').waitFor();

  const asked = [];
  ben.on('request', (request) => asked.push(request.url()));
  await ben.goto('about:blank');
  await ben.goto(link);
  await ben.getByText('You are invited').waitFor();
  await enter(ben, 'Ben');
  await isLive(ben);
  assert.equal(await ben.evaluate(() => location.hash), '', 'the token stays in the address');
  assert.ok(!asked.some((url) => url.split('#')[0].includes('synctv_invite')), 'the token went out in an address');

  // It was good for one; it is gone from the list, and the next one hears so.
  await ann.locator('#invites').getByText('There are none.').waitFor();
  await ann.keyboard.press('Escape');
  await cat.goto(link);
  await enter(cat, 'Cat');
  await cat.locator('#gate-problem', { hasText: 'not good any more' }).waitFor();
  return [ann, ben, room];
}

async function isBanned(ann, ben, room) {
  await row(ann, 'Ben').locator('.more').click();
  await button(dialog(ann, 'member'), 'Ban').click();
  await ann.locator('dialog.confirm select').selectOption('hour');
  await ann.locator('dialog.confirm input').fill('spoilers');
  await ann.locator('dialog.confirm button.danger').click();
  await ben.getByText('Ann banned you from the room: “spoilers”').waitFor();
  await ben.click('#gate-submit');
  await ben.locator('#gate-problem', { hasText: /banned from this room until/ }).waitFor();
  // The sheet of whoever is gone closes.
  await dialog(ann, 'member').waitFor({ state: 'detached' });
  await ann.locator('#bans-open', { hasText: '(1)' }).click();
  await ann.locator('#bans').getByText(/By Ann: “spoilers”, until/).waitFor();
  await ann.locator('#bans').getByRole('button', { name: 'Lift the ban of Ben' }).click();
  await ann.locator('#bans').getByText('Nobody is banned.').waitFor();
  await ann.keyboard.press('Escape');
  const owner = await member(ann);
  const { versions } = await owner.room();
  await owner.command({ type: 'room.set_join_rule', join_rule: 'public', expect: { settings: versions.settings } });
  await ben.click('#gate-submit');
  await isLive(ben);
  assert.equal(ben.url(), room);
}

/** How many it are is said before. */
async function allGuestsGo(ann, ben) {
  await ann.click('#expel');
  await ann.locator('dialog.confirm').getByText('Remove 1 guest from the room?').waitFor();
  await ann.locator('dialog.confirm button.danger').click();
  await ben.getByText('Guests were asked to leave this room.').waitFor();
  await ann.locator('#expel').waitFor({ state: 'hidden' });
}

await withBrowser(async (person) => {
  await byPassword(person);
  await byKnocking(person);
  const [ann, ben, room] = await byInvite(person);
  await isBanned(ann, ben, room);
  await allGuestsGo(ann, ben);
}, refusals);
