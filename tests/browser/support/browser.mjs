// Real people in a real browser, each in a context of their own.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../../../web/package.json', import.meta.url))('playwright-core');
const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--autoplay-policy=user-gesture-required',
];

/** Runs `act` with a browser; whatever a page complains about fails it. `expected` are complaints that belong to it. */
export async function withBrowser(act, expected = []) {
  const browser = await chromium.launch({ executablePath: PROGRAMS.find(existsSync), args: ARGS });
  const complaints = [];
  try {
    await act((name, options) => person(browser, complaints, name, options));
    assert.deepEqual(complaints.filter((complaint) => !expected.some((known) => known.test(complaint))), []);
    console.log('ok');
  } finally {
    await browser.close();
  }
}

async function person(browser, complaints, name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(`${name}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return page;
}
