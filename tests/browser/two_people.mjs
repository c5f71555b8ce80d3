// Two people follow one video: what one does, both see; and one loses the connection and comes back.
// Arguments: the server's address, a folder for a screenshot.
import assert from 'node:assert/strict';
import { withBrowser } from './support/browser.mjs';
import { attends, enter, isLive, isPaused, playing, say, said, tab } from './support/room.mjs';

const [server, pictures] = process.argv.slice(2);

/** Stands between a page and its sockets: `begins` is where its subscriptions began, `reports` how it said to follow. */
async function between(page) {
  const wire = { begins: [], reports: [], deaf: false, away: false, cut: () => {} };
  await page.routeWebSocket(/\/ws\?/, (socket) => {
    if (wire.away) return socket.close({ code: 4011 });
    const server = socket.connectToServer();
    wire.cut = () => socket.close({ code: 4011 });
    socket.onMessage((text) => {
      const { subscribe, report } = JSON.parse(text);
      if (subscribe) wire.begins.push(subscribe.from);
      if (report) wire.reports.push(report);
      server.send(text);
    });
    server.onMessage((text) => wire.deaf || socket.send(text));
  });
  return wire;
}

const member = (page, name) => page.locator('#members li', { hasText: name });

const at = (page) => page.evaluate(() => document.querySelector('video').currentTime);

await withBrowser(async (person) => {
  const [ann, ben] = [await person('Ann'), await person('Ben')];
  const wire = await between(ann);
  await ann.goto(server);
  await ann.fill('#new-room-name', 'Movie night');
  await enter(ann, 'Ann');
  await ann.waitForURL(/room_/);
  await ben.goto(ann.url());
  await enter(ben, 'Ben');

  await tab(ann, 'playlist');
  await ann.click('#add-sample');
  await ann.locator('#playlist').getByText('Sample video').first().waitFor();
  await ann.click('#play');
  await Promise.all([playing(ann), playing(ben)]);
  const [a, b] = await Promise.all([at(ann), at(ben)]);
  assert.ok(Math.abs(a - b) < 1, `Ann is at ${a} s, Ben at ${b} s`);

  await say(ann, 'hello Ben');
  await said(ben, 'hello Ben').waitFor();

  await Promise.all([tab(ann, 'members'), tab(ben, 'members')]);
  await attends(member(ann, 'Ben'));
  await attends(member(ben, 'Ann'));
  await Promise.all([tab(ann, 'chat'), tab(ben, 'chat')]);
  await ben.locator('#chat-text').pressSequentially('well');
  await ann.getByText('Ben is typing…').waitFor();
  await ben.screenshot({ path: `${pictures}/room.png` });

  await ben.click('#play');
  await Promise.all([isPaused(ann), isPaused(ben)]);
  await ann.waitForFunction((there) => Math.abs(document.querySelector('video').currentTime - there) < 0.5, await at(ben));

  await ann.reload();
  await said(ann, 'hello Ben').waitFor();
  await isLive(ann);

  // Ann's socket goes deaf, and is lost before she hears that her message is stored.
  wire.begins.length = 0;
  wire.deaf = true;
  await say(ann, 'only once');
  await said(ben, 'only once').waitFor();
  Object.assign(wire, { away: true, deaf: false });
  wire.cut();
  await ann.locator('#connection:is([data-state="waiting"], [data-state="connecting"])').waitFor();
  await say(ben, 'where are you');
  await said(ben, 'where are you').waitFor();
  assert.equal(await said(ann, 'where are you').count(), 0, 'she is connected all the same');
  wire.away = false;
  await said(ann, 'where are you').waitFor();
  await isLive(ann);
  assert.equal(wire.begins.length, 1, `subscribed from ${wire.begins}`);
  assert.match(wire.begins[0], /:\d+$/, 'it did not go on where it was');
  await tab(ann, 'members');
  await attends(member(ann, 'Ben'));
  await say(ann, 'here again');
  await said(ben, 'here again').waitFor();
  assert.equal(await said(ben, 'only once').count(), 1, 'said twice');

  while (wire.reports.length === 0) await ann.waitForTimeout(100);
  const { rtt_ms, buffered_ms, skew_ms } = wire.reports.at(-1);
  assert.ok([rtt_ms, buffered_ms, skew_ms].every(Number.isInteger) && rtt_ms >= 0 && buffered_ms >= 0, JSON.stringify(wire.reports));

  await tab(ann, 'members');
  await ben.close();
  await member(ann, 'Ben').getByText('offline').waitFor();
});
