// The same locks of the same libraries, in a copy that is patched and in one that was loaded before anybody watched.
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../../dist/esm/src/index.js';
import { answerWith } from './answer.mjs';
import { measure } from './measure.mjs';

const require = createRequire(fileURLToPath(new URL('../../test/libraries/package.json', import.meta.url)));

/** Flows that want the lock at the same time. */
const FLOWS = 20;

const USES = {
  'async-mutex, acquire': ({ Mutex }) => {
    const lock = new Mutex();
    return async () => (await lock.acquire())();
  },
  'async-mutex, runExclusive': ({ Mutex }) => {
    const lock = new Mutex();
    return () => lock.runExclusive(async () => {});
  },
  'async-sema': (_mutex, { Sema }) => {
    const lock = new Sema(1);
    return async () => {
      await lock.acquire();
      lock.release();
    };
  },
};

/** A name for each use, alone and by many at once, with a loop over it. */
function loops() {
  const copies = [again('async-mutex'), again('async-sema')];
  return Object.entries(USES).flatMap(([name, create]) => {
    const [alone, shared] = [create(...copies), create(...copies)];
    return [
      [name, (n) => repeat(alone, n)],
      [`${name}, ${FLOWS} at once`, (n) => Promise.all(Array.from({ length: FLOWS }, () => repeat(shared, n / FLOWS)))],
    ];
  });
}

async function repeat(use, n) {
  for (let i = 0; i < n; i++) await use();
}

// A module of CommonJS that is evaluated anew.
function again(name) {
  forget(name);
  return require(name);
}

// What is in the cache is found and patched.
function forget(name) {
  for (const file of Object.keys(require.cache))
    if (file.includes(`${sep}node_modules${sep}${name}${sep}`)) delete require.cache[file];
}

const sides = {};
for (const side of ['without', 'again', 'with']) {
  if (side === 'with') {
    for (const name of ['async-mutex', 'async-sema']) forget(name);
    start({ port: 0, log: false, instrumentations: { 'event-loop': false } });
  }
  for (const [name, loop] of loops()) sides[name] = { ...sides[name], [side]: loop };
}

answerWith({
  names: () => Object.keys(sides),
  measure: ({ name, plan }) => measure(sides[name], plan),
  machine: () => ({ node: process.version, cpu: cpus()[0].model }),
});
