// Who closed the tab comes back as the same person; what was sent while offline is not said twice; removing and dragging
// in a long playlist work. Argument: the server's address.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { enter, isLive, member, said, say, tab } from './support/room.mjs';

const [server] = process.argv.slice(2);
const ROWS = 40;

async function staysOneself(ann) {
  const { id } = await member(ann);
  const context = ann.context();
  const [room, again] = [ann.url(), await context.newPage()];
  await ann.close();
  await again.goto(room);
  await enter(again, 'Ann');
  await isLive(again);
  assert.equal((await member(again)).id, id, 'the owner is locked out of the own room');
  const other = await context.newPage();
  await other.goto(room);
  await enter(other, 'Cleo');
  await isLive(other);
  assert.notEqual((await member(other)).id, id, 'another name is another person');
  return again;
}

async function saysItOnce(ben, ann) {
  await tab(ben, 'chat');
  await ben.context().setOffline(true);
  await say(ben, 'out of reach');
  await ben.locator('#problems', { hasText: /reached/ }).waitFor();
  assert.equal(await ben.inputValue('#chat-text'), 'out of reach', 'what was written is lost');
  await ben.context().setOffline(false);
  await isLive(ben);
  // Whether it had arrived is the network's to say.
  await say(ann, 'back again');
  await said(ben, 'back again').waitFor();
  const times = await said(ben, 'out of reach').count();
  assert.equal(await ben.inputValue('#chat-text'), times === 0 ? 'out of reach' : '', 'it would be said again');
}

async function keepsThePlace(ann) {
  const owner = await member(ann);
  for (let at = 0; at < ROWS; at += 1) await owner.command({ type: 'playlist.add', url: `${server}/sample.mp4?${at}` });
  await tab(ann, 'playlist');
  const rows = ann.locator('#playlist li');
  await rows.nth(ROWS - 1).waitFor();
  await rows.nth(1).locator('.more').click();
  await rows.nth(1).getByText('Remove').focus();
  await ann.keyboard.press('Enter');
  await ann.locator('#playlist li:nth-child(2) .choose:focus').waitFor();

  await rows.nth(0).scrollIntoViewIfNeeded();
  const { x, y } = await rows.nth(0).locator('.grip').boundingBox();
  const panel = await ann.locator('#playlist-panel').boundingBox();
  await ann.mouse.move(x + 5, y + 5);
  await ann.mouse.down();
  await ann.mouse.move(x + 5, panel.y + panel.height - 10, { steps: 5 });
  // The pointer rests; the list goes on.
  await ann.waitForFunction(() => document.querySelector('#playlist-panel').scrollTop > 600);
  await ann.mouse.up();
}

await withBrowser(
  async (person) => {
    const [first, ben] = [await person('Ann'), await person('Ben')];
    await first.goto(server);
    await first.fill('#new-room-name', 'Long evening');
    await enter(first, 'Ann');
    await first.waitForURL(/room_/);
    await isLive(first);
    await ben.goto(first.url());
    await enter(ben, 'Ben');
    await isLive(ben);
    const ann = await staysOneself(first);
    await saysItOnce(ben, ann);
    await keepsThePlace(ann);
  },
  [/ERR_INTERNET_DISCONNECTED/],
);
