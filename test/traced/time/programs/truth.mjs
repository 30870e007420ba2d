// Runs traced functions of every shape and prints, for each, what was measured and what it knows itself: the time of its own
// loops by the clock. The first argument is `alone` or `busy`: neighbours that nobody traces hold the loop for half of the
// time. Further ones are the cases that are run; all of them where there are none.
import { execFile } from 'node:child_process';
import { pbkdf2, pbkdf2Sync, webcrypto } from 'node:crypto';
import { lookup } from 'node:dns';
import { readFile } from 'node:fs';
import { readFile as readFilePromise } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { start, traced } from 'loopsight';
import { measureFunctions } from '../../../../dist/esm/instrumentations/traced/time/measure-functions.js';
import { beginOffload } from '../../../../dist/esm/src/offload.js';

const [, , neighbourhood, ...names] = process.argv;
const isBusy = neighbourhood === 'busy';
const off = ['event-loop', 'garbage-collection', 'http', 'worker-threads', 'blocking-calls', 'thread-pool'];
const loopsight = start({ endpoint: false, instrumentations: Object.fromEntries(off.map((name) => [name, false])) });

const load = createRequire(new URL('../../../libraries/package.json', import.meta.url));
const { Piscina } = load('piscina');
const pool = new Piscina({ filename: new URL('busy-worker.cjs', import.meta.url).href, minThreads: 2, maxThreads: 2 });

const file = new URL('../../../libraries/package-lock.json', import.meta.url);

const known = new Map();

/** Holds the loop for `ms`, for each of these functions. */
function spin(ms, ...names) {
  const from = performance.now();
  let now = from;
  while (now - from < ms) now = performance.now();
  for (const name of names) known.set(name, (known.get(name) ?? 0) + now - from);
}

const cases = {
  'io alone': traced('io alone', () => sleep(100)),

  'half and half': traced('half and half', async () => {
    for (let i = 0; i < 5; i++) {
      spin(10, 'half and half');
      await sleep(10);
    }
  }),

  'cpu first': traced('cpu first', async () => {
    spin(50, 'cpu first');
    await sleep(50);
  }),

  'cpu alone': traced('cpu alone', () => spin(30, 'cpu alone')),

  nested: (() => {
    const inner = traced('nested inner', async () => {
      spin(5, 'nested', 'nested inner');
      await sleep(10);
      spin(5, 'nested', 'nested inner');
    });
    return traced('nested', async () => {
      spin(5, 'nested');
      await inner();
      spin(5, 'nested');
      await inner();
    });
  })(),

  'all at once': (() => {
    const part = traced('part of all', async () => {
      spin(4, 'all at once', 'part of all');
      await sleep(15);
      spin(4, 'all at once', 'part of all');
    });
    return traced('all at once', async () => {
      await Promise.all([part(), part(), part(), part()]);
    });
  })(),

  'left behind': (() => {
    const begun = traced('begun', async () => {
      void sleep(10).then(() => spin(8, 'left behind'));
    });
    return traced('left behind', async () => {
      await begun();
      await sleep(40);
    });
  })(),

  generator: (() => {
    const numbers = traced('generator', function* () {
      for (let i = 0; i < 5; i++) {
        spin(4, 'generator');
        yield i;
      }
    });
    return () => {
      for (const _ of numbers()) spin(3);
    };
  })(),

  'async generator': (() => {
    const pages = traced('async generator', async function* () {
      for (let i = 0; i < 4; i++) {
        spin(4, 'async generator');
        await sleep(5);
        spin(4, 'async generator');
        yield i;
      }
    });
    return async () => {
      for await (const _ of pages()) spin(3);
    };
  })(),

  callback: promisify(
    traced({ name: 'callback', callback: true }, (done) => {
      spin(5, 'callback');
      setTimeout(() => {
        spin(10, 'callback');
        setTimeout(() => done(null, 'done'), 10);
      }, 20);
    }),
  ),

  'immediate loop': traced('immediate loop', async () => {
    for (let i = 0; i < 20; i++) {
      spin(1, 'immediate loop');
      await immediate();
    }
  }),

  ticks: traced('ticks', async () => {
    await new Promise((resolve) => {
      process.nextTick(() => {
        spin(5, 'ticks');
        queueMicrotask(() => {
          spin(5, 'ticks');
          setImmediate(resolve);
        });
      });
    });
  }),

  thrown: async () => {
    const fail = traced('thrown', async () => {
      await sleep(10);
      spin(10, 'thrown');
      throw new Error('as intended');
    });
    await fail().catch(() => spin(5));
  },

  'thrown at once': () => {
    try {
      traced('thrown at once', () => {
        spin(10, 'thrown at once');
        throw new Error('as intended');
      })();
    } catch {
      spin(5);
    }
  },

  thenable: traced('thenable', async () => {
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: that is what a lazy query has.
      then(resolve) {
        spin(5, 'thenable');
        setTimeout(() => {
          spin(5, 'thenable');
          resolve('rows');
        }, 20);
      },
    };
    await query;
    spin(5, 'thenable');
  }),

  stream: traced('stream', async () => {
    const slow = new Transform({
      objectMode: true,
      transform(chunk, _encoding, done) {
        spin(3, 'stream');
        setTimeout(done, 4, null, chunk);
      },
    });
    await pipeline(Readable.from([1, 2, 3, 4, 5]), slow, async (source) => {
      for await (const _ of source) spin(1, 'stream');
    });
  }),

  'many awaits': traced('many awaits', async () => {
    for (let i = 0; i < 5000; i++) await null;
    await sleep(5);
  }),

  'many calls': async () => {
    const one = traced('many calls', async () => {
      await null;
    });
    for (let i = 0; i < 1000; i++) await one();
  },
};

/** What is known of these is how long the caller waited for the work, in milliseconds. */
const offloaded = {
  pbkdf2: () => promisify(pbkdf2)('password', 'salt', 20_000, 64, 'sha512'),
  'web crypto': async () => {
    const key = await webcrypto.subtle.importKey('raw', Buffer.from('password'), 'PBKDF2', false, ['deriveBits']);
    await webcrypto.subtle.deriveBits(
      { name: 'PBKDF2', hash: 'SHA-512', salt: Buffer.from('salt'), iterations: 20_000 },
      key,
      512,
    );
  },
  'fs callback': async () => {
    for (let i = 0; i < 20; i++) await promisify(readFile)(file);
  },
  'fs promises': () => readFilePromise(file),
  dns: () => promisify(lookup)('localhost'),
  gzip: () => promisify(gzip)(Buffer.alloc(2_000_000, 'what a text')),
  'two at once': () =>
    Promise.all([
      promisify(pbkdf2)('password', 'salt', 15_000, 64, 'sha512'),
      promisify(pbkdf2)('password', 'salt', 15_000, 64, 'sha512'),
    ]),
  child: () => promisify(execFile)(process.execPath, ['-e', 'setTimeout(() => {}, 60)']),
  piscina: () => pool.run({ ms: 50 }),
  'own pool': () =>
    new Promise((resolve) => {
      const back = beginOffload();
      setTimeout(() => {
        back?.();
        resolve();
      }, 40);
    }),
};

const synchronous = traced('pbkdf2Sync', async () => {
  pbkdf2Sync('password', 'salt', 20_000, 64, 'sha512');
  await sleep(20);
});

const chosen = ([name]) => names.length === 0 || names.includes(name);
const runs = [
  ...Object.entries(cases),
  ['pbkdf2Sync', synchronous],
  ...Object.entries(offloaded).map(([name, run]) => [name, traced(name, run)]),
].filter(chosen);

// Everything once, so that the figures are not those of compiling.
for (const [, run] of runs) await run();
known.clear();

let neighbourMs = 0;
const neighbours = isBusy
  ? [0, 1].map((index) =>
      setInterval(() => {
        const from = performance.now();
        spin(4);
        neighbourMs += performance.now() - from;
      }, 15 + index),
    )
  : [];

const measured = measureFunctions({ forMs: 60_000 });
const walls = {};
for (const [name, run] of runs) {
  const from = performance.now();
  await run();
  walls[name] = performance.now() - from;
}
void measureFunctions({ forMs: 1 });
const functions = await measured;
for (const neighbour of neighbours) clearInterval(neighbour);
await pool.destroy();
await loopsight.stop();
console.log(JSON.stringify({ functions, known: Object.fromEntries(known), walls, neighbourMs }));
