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

/** Until the stream is no further behind than so many ms, and its picture moves. */
export const isNear = (page, ms) =>
  page.waitForFunction((ms) => {
    const { liveDelay } = document.getElementById('live').dataset;
    return liveDelay !== undefined && Number(liveDelay) <= ms && document.getElementById('live-video').currentTime > 0.5;
  }, ms);
