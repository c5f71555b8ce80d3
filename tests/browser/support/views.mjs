// A view in all colours and sizes: nobody is shut out of it, and here is what it looks like.
import { readFileSync } from 'node:fs';

const axe = readFileSync(new URL('../../../web/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

const COLOURS = {
  light: { colorScheme: 'light', forcedColors: 'none' },
  dark: { colorScheme: 'dark', forcedColors: 'none' },
  forced: { colorScheme: 'dark', forcedColors: 'active' },
};
export const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

/** Each colour in each size. */
export const ALL = Object.keys(COLOURS).flatMap((colours) => Object.keys(SIZES).map((size) => [colours, size]));
/** Each colour and each size once at least. */
export const SOME = [['light', 'narrow'], ['dark', 'wide'], ['forced', 'narrow']];

/** What axe finds, as rule and place. What lies below something for a moment can be scrolled from under it. */
async function faults(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const all = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary.split('\n')[1]}`));
  return all.filter((fault) => !fault.includes('partially obscured'));
}

/** Until new colours and sizes are there. */
export const settled = (page) =>
  page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    // What turns for ever is never done.
    const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
    await Promise.all(ending.map(({ finished }) => finished.catch(() => {})));
  });

/** Looks at views and takes their pictures into a folder; what is wrong with them goes into `found`. */
export function viewer(pictures, found, looks = ALL) {
  return async (page, name) => {
    for (const [colours, size] of looks) {
      await page.emulateMedia(COLOURS[colours]);
      await page.setViewportSize(SIZES[size]);
      await settled(page);
      found.push(...(await faults(page)).map((fault) => `${name}, ${colours}, ${size}: ${fault}`));
      const overflows = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (overflows > 0) found.push(`${name}, ${size}: ${overflows} px wider than the screen`);
      if (colours !== 'forced') await page.screenshot({ path: `${pictures}/${name}-${colours}-${size}.png` });
    }
    await page.emulateMedia(COLOURS.light);
    await page.setViewportSize(SIZES.wide);
  };
}
