// The same calls by the original function and by what blocking-calls puts in its place.
import crypto from 'node:crypto';
import fs from 'node:fs';
import zlib from 'node:zlib';
import { createBlockingCallsMonitor } from '../../dist/esm/instrumentations/blocking-calls/index.js';
import { systemClock } from '../../dist/esm/src/clock.js';
import { createStore } from '../../dist/esm/src/recorder/store.js';
import { answerWith } from './answer.mjs';
import { loopOver, measure } from './measure.mjs';

const scope = {
  small: '{"id":1,"name":"widget"}',
  value: { id: 1 },
  noSuchFile: '/no/such/file',
  hash: crypto.createHash('sha1'),
  block: Buffer.alloc(64),
};
const CALLS = {
  'JSON.parse of 24 characters': { isTimed: false, source: 'parse(small)' },
  'JSON.stringify of a small object': { isTimed: false, source: 'stringify(value)' },
  'structuredClone of a small object': { isTimed: false, source: 'structuredClone(value)' },
  'fs.existsSync of no file': { isTimed: true, source: 'existsSync(noSuchFile)' },
  'update of a SHA-1 by 64 bytes': { isTimed: true, source: 'update.call(hash, block)' },
  'zlib.crc32 of 64 bytes': { isTimed: true, source: 'crc32(block)' },
};

let loops = 0;
// V8 keeps what it learns per source, so that each side gets one of its own.
function loopOf(source) {
  const { existsSync } = fs;
  const { parse, stringify } = JSON;
  const { update } = crypto.Hash.prototype;
  const names = { ...scope, parse, stringify, structuredClone, existsSync, update, crc32: zlib.crc32 };
  const make = new Function(...Object.keys(names), `return () => ${source}; // ${loops++}`);
  return loopOver(make(...Object.values(names)));
}
const loopsOfAll = () => Object.fromEntries(Object.entries(CALLS).map(([name, { source }]) => [name, loopOf(source)]));

const original = loopsOfAll();
const again = loopsOfAll();
createBlockingCallsMonitor({ capturing: new Int32Array(new SharedArrayBuffer(4)) }).start({
  recorder: createStore({ clock: systemClock, report: console.error }),
  clock: systemClock,
  shared: false,
  report: console.error,
});
const wrapped = loopsOfAll();

answerWith({
  async measure(plan) {
    const results = {};
    for (const [name, { isTimed }] of Object.entries(CALLS)) {
      const sides = { original: original[name], again: again[name], wrapped: wrapped[name] };
      results[name] = { isTimed, rounds: await measure(sides, plan) };
    }
    return results;
  },
});
