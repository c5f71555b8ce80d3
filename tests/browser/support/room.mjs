// What people do in a room, and what can be seen of them.

export async function enter(page, name) {
  await page.fill('#display-name', name);
  await page.click('#gate-submit');
}

export const tab = (page, name) => page.click(`#${name}-tab`);

export async function say(page, text) {
  await tab(page, 'chat');
  await page.fill('#chat-text', text);
  await page.press('#chat-text', 'Enter');
}

export const said = (page, text) => page.locator('#messages').getByText(text, { exact: true });

/** A row of the members whose member is connected. */
export const attends = (row) => row.locator('.presence:not([data-state="offline"])').waitFor();

export async function add(page, url) {
  await tab(page, 'playlist');
  await page.fill('#add-url', url);
  await page.press('#add-url', 'Enter');
  await page.locator('#playlist li').first().waitFor();
}

export const isLive = (page) => page.locator('#connection[data-state="live"]').waitFor();

export const playing = (page) =>
  page.waitForFunction(() => {
    const { paused, currentTime, readyState } = document.querySelector('video');
    return !paused && currentTime > 0 && readyState >= 3;
  });

export const isPaused = (page) => page.waitForFunction(() => document.querySelector('video').paused);

/** The page's own word that it is where the room is. */
export const follows = (page) => page.locator('#sync[data-sign="good"]').waitFor();

/** Where each video is against its own clock, which all pages of a machine share. */
const offset = (page) =>
  page.evaluate(() => document.querySelector('video').currentTime * 1000 - (performance.timeOrigin + performance.now()));

/** How far apart the farthest two are, many times. */
export async function skews(people, forMs) {
  const found = [];
  for (const end = performance.now() + forMs; performance.now() < end; ) {
    const offsets = await Promise.all(people.map(offset));
    found.push(Math.max(...offsets) - Math.min(...offsets));
    await people[0].waitForTimeout(100);
  }
  return found;
}

/** From now on the page knows which picture it shows. */
export const look = (page) =>
  page.evaluate(() => {
    const video = document.querySelector('video');
    const seen = (_, { mediaTime }) => {
      window.picture = mediaTime * 1000;
      video.requestVideoFrameCallback(seen);
    };
    video.requestVideoFrameCallback(seen);
  });

/** The picture that each shows, by its place in the film in ms. */
export const pictures = (people) => Promise.all(people.map((page) => page.evaluate(() => window.picture)));

/** How often the video was moved since the last time it was asked `anew`. */
export const moved = (page, anew) =>
  page.evaluate((anew) => {
    if (anew) {
      window.seeks = 0;
      document.querySelector('video').addEventListener('seeking', () => (window.seeks += 1));
    }
    return window.seeks;
  }, anew);

/** The person at a page, by calls of their own. */
export async function member(page) {
  const { id, token } = await page.evaluate(() => JSON.parse(Object.values(sessionStorage).find((kept) => kept.includes('token'))));
  const room = page.url().split('/').pop();
  const call = async (method, path, body) => {
    const answer = await fetch(`${new URL(page.url()).origin}/v1/rooms/${room}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    return answer.json();
  };
  return {
    id,
    room: () => call('GET', ''),
    events: async () => (await call('GET', '/events?limit=1000')).events,
    command: (command) => call('POST', '/commands', command),
  };
}

/** How often playback was steered so far. */
export async function count(page) {
  const events = await (await member(page)).events();
  return events.filter(({ type }) => type.startsWith('playback.')).length;
}
