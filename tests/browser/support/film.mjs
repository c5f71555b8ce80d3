// A film of three minutes, and a place to watch it at.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** A key frame each second, as films for seeking have; 25 pictures a second. */
const made = (picture) => [
  '-f', 'lavfi', '-i', `${picture}:rate=25:duration=180`, '-f', 'lavfi', '-i', 'sine=frequency=220:duration=180',
  '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '25', '-b:v', '150k',
  '-c:a', 'aac', '-b:a', '32k', '-movflags', '+faststart',
];

/** `picture` is a source of ffmpeg's. */
export async function film(folder, picture = 'testsrc2=size=256x144') {
  const file = join(folder, 'film.mp4');
  execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...made(picture), file]);
  const { size } = statSync(file);
  const server = createServer(({ headers }, answer) => {
    const [, first = '0', last] = /bytes=(\d+)-(\d*)/.exec(headers.range ?? '') ?? [];
    const range = { start: Number(first), end: last ? Math.min(Number(last), size - 1) : size - 1 };
    answer.writeHead(headers.range ? 206 : 200, {
      'content-type': 'video/mp4',
      'content-length': range.end - range.start + 1,
      'accept-ranges': 'bytes',
      ...(headers.range && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
    });
    createReadStream(file, range).on('error', () => answer.destroy()).pipe(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return `http://127.0.0.1:${server.address().port}/film.mp4`;
}
