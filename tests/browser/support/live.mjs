// A live stream: somebody who publishes it, and what a page shows of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const PICTURE = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=256x144:rate=25', '-re', '-f', 'lavfi', '-i', 'sine=frequency=220'];
const CODED = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '50', '-c:a', 'aac'];

/** Publishes until `end` is called, or the server ends it. */
export function publish(url) {
  const program = spawn('ffmpeg', ['-nostdin', '-loglevel', 'quiet', ...PICTURE, ...CODED, '-f', 'flv', url], { stdio: 'ignore' });
  const ended = once(program, 'exit');
  return {
    ended,
    /** Without a word, as a program that crashed. */
    end: () => (program.kill('SIGKILL'), ended),
  };
}

/** What is shown of the stream: `connecting`, `playing`, `waiting`, `unplayable`, `ended` or `off`; and in which format. */
export const shows = (page, state, format = null) =>
  page.waitForFunction(
    ([state, format]) => {
      const { liveState, liveFormat } = document.getElementById('live')?.dataset ?? {};
      return liveState === state && (format === null || liveFormat === format);
    },
    [state, format],
  );

/** How far the stream is behind, in ms, looked at every quarter of a second: the median, the p95, and the most. */
export async function behind(page, seconds) {
  const seen = [];
  for (const until = Date.now() + seconds * 1_000; Date.now() < until; ) {
    const delay = await page.locator('#live').getAttribute('data-live-delay');
    if (delay !== null) seen.push(Number(delay));
    await page.waitForTimeout(250);
  }
  seen.sort((one, other) => one - other);
  const at = (part) => seen[Math.min(seen.length - 1, Math.floor(seen.length * part))] ?? Number.POSITIVE_INFINITY;
  return { median: at(0.5), p95: at(0.95), most: at(1) };
}

/** Until the stream is no further behind than so many ms, and its picture moves. */
export const isNear = (page, ms) =>
  page.waitForFunction((ms) => {
    const { liveDelay } = document.getElementById('live').dataset;
    return liveDelay !== undefined && Number(liveDelay) <= ms && document.getElementById('live-video').currentTime > 0.5;
  }, ms);
