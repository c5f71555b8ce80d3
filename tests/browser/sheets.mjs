// The gate with all that a room may ask for, and all that is about people and their rights: nobody is shut out of it.
// Arguments: the server's address, a folder; the pictures go into PICTURES, if that is set.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { enter, isLive, member, tab } from './support/room.mjs';
import { SOME, viewer } from './support/views.mjs';

const [server, folder] = process.argv.slice(2);
const found = [];
const view = viewer(process.env.PICTURES || folder, found, SOME);

async function rule(owner, fields) {
  const { versions } = await owner.room();
  await owner.command({ type: 'room.set_join_rule', ...fields, expect: { settings: versions.settings } });
}

async function theGate(page, room, owner) {
  await rule(owner, { join_rule: 'password', password: 'sesame' });
  await page.goto(room);
  await enter(page, 'Fay');
  await page.locator('#room-password:focus').waitFor();
  await page.keyboard.type('open');
  await page.keyboard.press('Enter');
  await page.locator('#room-password-problem', { hasText: 'not the password' }).waitFor();
  await view(page, 'gate-password');
  await rule(owner, { join_rule: 'approval' });
  await page.goto(room);
  await enter(page, 'Fay');
  await page.locator('#knock-message:focus').waitFor();
  await page.keyboard.type('It is me, from next door');
  await view(page, 'gate-knock');
  await page.click('#gate-submit');
  await page.locator('#waiting-text').waitFor();
  await view(page, 'gate-waiting');
}

async function thePeople(ann, ben, owner) {
  const { id } = await member(ben);
  await owner.command({ type: 'member.mute', member: id });
  await owner.command({ type: 'member.ban', member: `gst_${'0'.repeat(25)}1`, reason: 'spoilers' });
  await owner.command({ type: 'room.transfer', member: id });
  await ben.locator('#chat-text[readonly]').waitFor();
  await view(ben, 'chat-muted');
  await tab(ann, 'members');
  await view(ann, 'people');
  await ann.locator('#members li', { hasText: 'Ben' }).locator('.more').click();
  await ann.locator('#member .right', { hasText: 'Add videos' }).getByRole('radio', { name: 'Denied' }).click();
  await view(ann, 'member');
  await ann.locator('#member .right', { hasText: 'Write messages' }).locator('.result').click();
  await ann.locator('#why .origin button').first().waitFor();
  await view(ann, 'why');
  for (let times = 0; times < 2; times += 1) await ann.keyboard.press('Escape');
}

async function theDoors(ann) {
  await ann.click('#invites-open');
  await ann.getByRole('button', { name: 'Make the link' }).click();
  await ann.locator('#invites .entry').waitFor();
  await view(ann, 'invites');
  await ann.keyboard.press('Escape');
  await ann.click('#bans-open');
  await ann.locator('#bans .entry').waitFor();
  await view(ann, 'bans');
  await ann.keyboard.press('Escape');
  await ann.click('#open-settings');
  await ann.click('#role-rights');
  await ann.getByRole('button', { name: /^Write messages: guests/ }).click();
  await view(ann, 'roles');
}

await withBrowser(
  async (person) => {
    const [ann, ben, fay] = [await person('Ann'), await person('Ben'), await person('Fay')];
    await ann.goto(server);
    await ann.fill('#new-room-name', 'Movie night');
    await enter(ann, 'Ann');
    await isLive(ann);
    await ann.waitForURL(/room_/);
    await ben.goto(ann.url());
    await enter(ben, 'Ben');
    await isLive(ben);
    const owner = await member(ann);
    await theGate(fay, ann.url(), owner);
    await thePeople(ann, ben, owner);
    await theDoors(ann);
    assert.deepEqual(found, []);
  },
  // Fay is refused on purpose.
  [/responded with a status of 403/],
);
