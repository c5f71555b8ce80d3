// The way between a browser and the server: as long as one likes, and it can be cut.
import { connect, createServer } from 'node:net';
import { once } from 'node:events';

/** A line to `server`, with so many ms one way, more or less. */
export async function line(server, delayMs = 0, jitterMs = 0) {
  const ends = new Set();
  const state = { target: new URL(server), cut: false };
  const listener = createServer((near) => {
    if (state.cut) return near.destroy();
    const far = connect(Number(state.target.port), state.target.hostname);
    for (const [from, to] of [[near, far], [far, near]]) {
      ends.add(from);
      from.setNoDelay(true);
      from.on('error', () => {});
      from.on('close', () => (ends.delete(from), to.destroy()));
      carry(from, to, delayMs, jitterMs);
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    cut() {
      state.cut = true;
      for (const end of ends) end.destroy();
    },
    mend: () => (state.cut = false),
    leadTo: (address) => (state.target = new URL(address)),
    close: () => (listener.close(), ends.forEach((end) => end.destroy())),
  };
}

/** Late, and in order. */
function carry(from, to, delayMs, jitterMs) {
  let due = 0;
  const under = [];
  from.on('data', (bytes) => {
    due = Math.max(due, performance.now() + delayMs + (2 * Math.random() - 1) * jitterMs);
    under.push(bytes);
    // Timers may overtake each other; what they send may not.
    setTimeout(() => {
      const first = under.shift();
      if (!to.destroyed) to.write(first);
    }, due - performance.now());
  });
}
