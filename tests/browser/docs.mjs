// The viewer of the documents: it shows every call, tries one, and breaks no policy. Argument: the server's address.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';

const { chromium } = createRequire(new URL('../../web/package.json', import.meta.url))('playwright-core');
const [server] = process.argv.slice(2);
const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];
const browser = await chromium.launch({ executablePath: programs.find(existsSync), args });
const page = await browser.newPage();
const complaints = [];
page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
page.on('pageerror', (error) => complaints.push(error.message));
page.on('request', (request) => request.url().startsWith(server) || request.url().startsWith('data:') || complaints.push(`asks ${request.url()}`));

await page.goto(`${server}/docs`);
await page.waitForSelector('.opblock');
const document = await (await fetch(`${server}/openapi.json`)).json();
const calls = Object.values(document.paths).flatMap((item) => Object.keys(item));
assert.equal(await page.locator('.opblock').count(), calls.length);
assert.equal(await page.locator('nav a[href="/asyncapi.json"]').count(), 1);

await page.click('.opblock-summary-path[data-path="/v1/rooms/{room}/commands"]');
await page.waitForSelector('#operations-commands-execute_command .opblock-body');
const time = page.locator('#operations-server-read_time');
await time.locator('.opblock-summary').click();
await time.locator('.try-out__btn').click();
await time.locator('.execute').click();
await time.locator('.live-responses-table .response-col_status').getByText('200').waitFor();

await browser.close();
assert.deepEqual(complaints, []);
