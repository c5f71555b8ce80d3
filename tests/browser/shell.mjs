// People come in by keyboard, change settings over one another, are shown out with the reason, and lose the network.
// Argument: the server's address.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { enter, isLive, said, say, tab } from './support/room.mjs';

const [server] = process.argv.slice(2);
const focused = (page) => page.evaluate(() => document.activeElement?.id);
const text = (page, selector) => page.locator(selector).textContent();
const named = (page, name) => page.locator('#room-name', { hasText: name }).waitFor();

/** A command of this page's person, past the page. */
const command = (page, fields) =>
  page.evaluate(async (fields) => {
    const { token } = JSON.parse(sessionStorage['synctv.identity']);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const room = location.pathname.split('/').pop();
    const answer = await fetch(`/v1/rooms/${room}/commands`, { method: 'POST', headers, body: JSON.stringify(fields) });
    if (!answer.ok) throw new Error(await answer.text());
  }, fields);

async function comesInByKeyboard(ann) {
  await ann.goto(server);
  await ann.keyboard.press('Enter');
  assert.equal(await focused(ann), 'display-name', 'the first field that is wrong has the focus');
  for (const field of ['display-name', 'new-room-name']) {
    assert.notEqual(await text(ann, `#${field}-problem`), '', field);
    assert.equal(await ann.getAttribute(`#${field}`, 'aria-invalid'), 'true', field);
  }
  await ann.keyboard.type('Ann');
  await ann.keyboard.press('Tab');
  await ann.keyboard.type('Keys');
  await ann.keyboard.press('Enter');
  await isLive(ann);
  assert.equal(await focused(ann), 'room-name');
}

async function walksTheTabs(ben, ann) {
  await ben.focus('#chat-tab');
  await ben.keyboard.press('ArrowLeft');
  assert.equal(await focused(ben), 'timeline-tab');
  assert.equal(await ben.locator('#timeline-panel').isVisible(), true);
  assert.equal(await ben.locator('#chat-panel').isVisible(), false);
  await say(ann, 'are you there?');
  await ben.locator('#chat-tab .badge').waitFor();
  assert.equal(await ben.getAttribute('#chat-tab', 'aria-label'), 'Chat, 1 new message');
  await ben.keyboard.press('Home');
  assert.equal(await ben.locator('#chat-tab .badge').count(), 0, 'what is read stays marked');
}

async function changeTheSameSetting(ann, ben) {
  await ben.click('#open-settings');
  await ben.locator('#setting-barrier[aria-disabled="true"]').waitFor();
  assert.match(await text(ben, '#room-settings-refusal'), /admins/);
  const id = await ben.evaluate(() => JSON.parse(sessionStorage['synctv.identity']).id);
  await command(ann, { type: 'member.set_role', member: id, role: 'admin' });
  await ben.locator('#setting-barrier:not([aria-disabled="true"])').waitFor();
  await ben.selectOption('#setting-barrier', 'strict');
  await ben.getByText('Saved').waitFor();

  await ann.click('#open-settings');
  assert.equal(await ann.inputValue('#setting-barrier'), 'strict');
  await ann.fill('#setting-name', 'Mine');
  await ben.fill('#setting-name', 'Theirs');
  await ben.press('#setting-name', 'Enter');
  await named(ann, 'Theirs');
  await ann.press('#setting-name', 'Enter');
  await ann.getByText('Ben changed this to “Theirs” meanwhile.').waitFor();
  await ann.getByText('Keep mine: Mine').click();
  await named(ben, 'Mine');
  await ann.keyboard.press('Escape');
  await ben.keyboard.press('Escape');
  return id;
}

async function isShownOut(ben, ann, id) {
  const over = Date.now() + 3_000;
  await command(ann, { type: 'member.kick', member: id, reason: 'spoilers', expires_at: new Date(over).toISOString() });
  await ben.getByText('Ann removed you from the room: “spoilers”').waitFor();
  assert.equal(await ben.inputValue('#display-name'), 'Ben', 'the name has to be given again');
  await ben.click('#gate-submit');
  await ben.locator('#gate-problem', { hasText: /You were sent away\. You can try again at \d/ }).waitFor();
  await ben.waitForFunction((over) => Date.now() > over, over);
  await ben.click('#gate-submit');
  await isLive(ben);
}

async function losesTheNetwork(ben, ann) {
  await ben.context().setOffline(true);
  await ben.locator('#connection[data-state="offline"]').waitFor();
  await say(ann, 'one');
  await say(ann, 'two');
  await said(ann, 'two').waitFor();
  await ben.locator('#sync', { hasText: 'not connected' }).waitFor();
  await ben.click('#connection');
  assert.equal(await ben.isVisible('#connection-retry'), true);
  await ben.context().setOffline(false);
  await ben.getByText('Recovered 2 missed events.').waitFor();
  await said(ben, 'two').waitFor();
}

/** Nobody has to do anything about it but the owner, who is asked first. */
async function closesAndReopens(ann, ben) {
  const closed = (page) => page.locator('#closed:not([hidden])');
  await ann.click('#open-settings');
  await ann.click('#lifecycle');
  await ann.keyboard.press('Escape');
  assert.equal(await closed(ben).count(), 0, 'closed without asking');
  await ann.click('#lifecycle');
  await ann.locator('dialog.confirm button.danger').click();
  await Promise.all([ann, ben].map((page) => closed(page).waitFor()));
  await Promise.all([ann, ben].map(isLive));
  await ann.getByText('Open the room again').click();
  await Promise.all([ann, ben].map((page) => closed(page).waitFor({ state: 'detached' })));
  await Promise.all([ann, ben].map(isLive));
  await ann.keyboard.press('Escape');
}

async function keepsTheTheme(ann) {
  const shade = () => ann.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await shade();
  await ann.click('#open-settings');
  await ann.selectOption('#pref-theme', 'dark');
  const dark = await shade();
  assert.notEqual(dark, light);
  await ann.route('**/app.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await ann.reload();
  assert.equal(await shade(), dark, 'the theme comes with the script, after the first paint');
}

await withBrowser(
  async (person) => {
    const [ann, ben] = [await person('Ann'), await person('Ben')];
    await comesInByKeyboard(ann);
    await ben.goto(ann.url());
    await enter(ben, 'Ben');
    await isLive(ben);
    await walksTheTabs(ben, ann);
    const id = await changeTheSameSetting(ann, ben);
    await isShownOut(ben, ann, id);
    await losesTheNetwork(ben, ann);
    await closesAndReopens(ann, ben);
    await keepsTheTheme(ann);
    await ben.goto(`${server}/r/room_01J8Z3K4M5N6P7Q8R9S0T1V2W3`);
    await ben.getByText('There is no such room.').waitFor();
    await enter(ben, 'Benjamin');
    await ben.locator('#gate-problem', { hasText: 'There is no such room.' }).waitFor();
    assert.equal(await ben.isVisible('#gate-reason'), false, 'the same is said twice');
  },
  // The last room does not exist, the network was away and somebody was kept out on purpose.
  [/404 \(Not Found\)/, /403 \(Forbidden\)/, /ERR_INTERNET_DISCONNECTED/],
);
