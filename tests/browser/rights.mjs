// What one may do is taken, given and explained; it is seen at once, and told where it comes from.
// Argument: the server's address.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { enter, isLive, member, tab } from './support/room.mjs';

const [server] = process.argv.slice(2);

const refusals = [/responded with a status of 40[39]/];

const row = (page, name) => page.locator('#members li', { hasText: name });
const button = (within, name) => within.getByRole('button', { name, exact: true });
const right = (page, name) => page.locator('#member .right', { hasText: name });
const why = (page) => page.locator('#why:popover-open');
const close = (page) => page.keyboard.press('Escape');

async function opens(page, name) {
  await tab(page, 'members');
  await row(page, name).locator('.more').click();
  await page.locator('dialog#member[open]').waitFor();
}

/** The page hears of it by one event, and is not asked to do anything. */
async function takesARight(ann, ben) {
  await opens(ann, 'Ben');
  await right(ann, 'Play, pause and seek').getByRole('radio', { name: 'Denied' }).click();
  await right(ann, 'Play, pause and seek').getByText('may not').waitFor();
  assert.equal(await ben.locator('#play').getAttribute('data-on'), 'false');
  const before = (await (await member(ben)).room()).seq;
  await button(ann.locator('#member'), 'Save').click();
  await ben.locator('#seek[aria-disabled="true"]').waitFor();
  await ben.locator('#play[aria-disabled="true"]').waitFor();
  assert.equal((await (await member(ben)).room()).seq, before + 1);
  await close(ann);

  await ben.click('#play', { force: true });
  const decisive = why(ben).locator('.settles');
  await decisive.getByText('It was taken from you in particular.').waitFor();
  await decisive.getByText(/^Ann, /).waitFor();
  assert.deepEqual(await why(ben).locator('.layer .words').allTextContents(), [
    'You are a member, a role with this right.',
    'The room leaves playback to everybody.',
    'It was taken from you in particular.',
  ]);
  await decisive.getByRole('button', { name: /event #/ }).click();
  await ben.locator('#as-of-event', { hasText: 'Ann changed the rights of Ben: denied: play, pause and seek' }).waitFor();
  await ben.click('#as-of-back');
}

/** By the keyboard: the reason is within reach, and the focus comes back. */
async function asksByKeyboard(ben) {
  await ben.focus('#next');
  await ben.focus('#play');
  await ben.keyboard.press('Enter');
  await why(ben).locator('.settles').waitFor();
  await ben.keyboard.press('Tab');
  assert.ok(await ben.evaluate(() => document.activeElement.closest('#why') !== null), 'the focus is not in the panel');
  await close(ben);
  await ben.locator('#play:focus').waitFor();
  assert.equal(await why(ben).count(), 0);
}

async function mutes(ann, ben) {
  await opens(ann, 'Ben');
  await button(ann.locator('#member'), 'Mute…').click();
  await ann.locator('dialog.confirm select').selectOption('tenMinutes');
  await ann.locator('dialog.confirm button.danger').click();
  await ben.getByText(/Ann muted you until/).first().waitFor();
  await tab(ben, 'chat');
  await ben.locator('#chat-text[readonly]').waitFor();
  assert.match(await ben.getAttribute('#chat-text', 'placeholder'), /You are muted until \d/);
  await ben.locator('#chat-send').click({ force: true });
  await why(ben).locator('.settles').getByText('You are muted.').waitFor();
  await close(ben);
  await ann.locator('#member header').getByText(/muted until/).waitFor();
  await button(ann.locator('#member'), 'Unmute').click();
  await ben.locator('#chat-text:not([readonly])').waitFor();
  await close(ann);
}

/** A mute ends by itself, without an event. */
async function isMutedForAMoment(ann, ben) {
  const { command } = await member(ann);
  const expires_at = new Date(Date.now() + 1_500).toISOString();
  await command({ type: 'member.mute', member: (await member(ben)).id, expires_at });
  await ben.locator('#chat-text[readonly]').waitFor();
  const { seq } = await (await member(ben)).room();
  await ben.locator('#chat-text:not([readonly])').waitFor();
  assert.equal((await (await member(ben)).room()).seq, seq);
}

/** Somebody joins while rights are chosen: that is no conflict. Another choice of the same member's rights is one. */
async function choosesOverAnother(ann, ben, cat) {
  const owner = await member(ann);
  const id = (await member(ben)).id;
  await opens(ann, 'Ben');
  await right(ann, 'Add videos').getByRole('radio', { name: 'Denied' }).click();
  await cat.goto(ann.url());
  await enter(cat, 'Cat');
  await isLive(cat);
  await button(ann.locator('#member'), 'Save').click();
  await ann.locator('#member .draft').waitFor({ state: 'hidden' });
  const now = () => owner.room().then(({ members }) => members.find((one) => one.id === id).deny);
  assert.deepEqual(await now(), ['playback.control', 'queue.add']);

  await right(ann, 'Make invites').getByRole('radio', { name: 'Denied' }).click();
  const { versions } = await owner.room();
  await owner.command({ type: 'member.override_permissions', member: id, allow: [], deny: ['chat.react'], expect: { members: versions.members } });
  await right(ann, 'React to messages').getByText('may').first().waitFor();
  await button(ann.locator('#member'), 'Save').click();
  await ann.locator('#member .draft').getByText('Ann changed these rights meanwhile.').waitFor();
  assert.deepEqual(await now(), ['chat.react'], 'it went over theirs unasked');
  await button(ann.locator('#member'), 'Keep mine').click();
  await ann.locator('#member .draft').waitFor({ state: 'hidden' });
  assert.deepEqual(await now(), ['playback.control', 'queue.add', 'members.invite']);
  await close(ann);
}

async function changesRoles(ann, cat) {
  await ann.click('#open-settings');
  await ann.click('#role-rights');
  await button(ann.locator('#roles'), 'Write messages: members may. As the role has it').click();
  await button(ann.locator('#roles'), 'Write messages: members may. Allowed').click();
  const never = button(ann.locator('#roles'), 'Make invites: guests may not. As the role has it');
  assert.equal(await never.getAttribute('aria-disabled'), 'true');
  assert.equal(await never.getAttribute('title'), 'Guests can never have this right.');
  await button(ann.locator('#roles'), 'Save').click();
  await cat.locator('#chat-text[readonly]').waitFor();
  assert.equal(await cat.getAttribute('#chat-text', 'placeholder'), 'This room does not let members do this.');
  await close(ann);
  await close(ann);
}

async function changesHands(ann, ben) {
  await opens(ann, 'Ben');
  await button(ann.locator('#member'), 'Offer the room…').click();
  await ann.locator('dialog.confirm button.danger').click();
  await button(ann.locator('#member'), 'Withdraw the offer of the room').waitFor();
  await close(ann);
  await ann.locator('#offer').getByText('You offered the room to Ben.').waitFor();
  await ann.click('#offer-withdraw');
  await ann.locator('#offer').waitFor({ state: 'hidden' });
  await (await member(ann)).command({ type: 'room.transfer', member: (await member(ben)).id });
  await tab(ben, 'members');
  await ben.click('#offer-accept');
  await ben.locator('dialog.confirm button.danger').click();
  await row(ben, 'Ben').getByText('owner, you').waitFor();
  await ann.getByText('Ben took the room: it is theirs now, and you are an admin.').waitFor();
  await ben.locator('#play:not([aria-disabled="true"])').waitFor();
  assert.equal((await (await member(ben)).room()).owner, (await member(ben)).id);

  // Who was the owner acts on nobody above: greyed, with the reason.
  await opens(ann, 'Ben');
  const kick = button(ann.locator('#member'), 'Remove from the room');
  assert.equal(await kick.getAttribute('aria-disabled'), 'true');
  assert.equal(await kick.getAttribute('title'), 'Only somebody with a higher role may do this.');
  await right(ann, 'Close the room').locator('.result').click();
  await why(ann).locator('.settles').getByText('Ben is an owner, a role with this right.').waitFor();
}

await withBrowser(async (person) => {
  const [ann, ben, cat] = [await person('Ann'), await person('Ben'), await person('Cat')];
  await ann.goto(server);
  await ann.fill('#new-room-name', 'Rights');
  await enter(ann, 'Ann');
  await isLive(ann);
  await ann.waitForURL(/room_/);
  await ben.goto(ann.url());
  await enter(ben, 'Ben');
  await isLive(ben);
  await (await member(ann)).command({ type: 'playlist.add', url: `${server}/sample.mp4` });
  await takesARight(ann, ben);
  await asksByKeyboard(ben);
  await mutes(ann, ben);
  await isMutedForAMoment(ann, ben);
  await choosesOverAnother(ann, ben, cat);
  await changesRoles(ann, cat);
  await changesHands(ann, ben);
}, refusals);
