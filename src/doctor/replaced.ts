// Which functions of Node were replaced since this was loaded: what instrumentations patched, ours and those of others.
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import dns from 'node:dns';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import workerThreads from 'node:worker_threads';
import zlib from 'node:zlib';

const PLACES: ReadonlyMap<string, object> = new Map<string, object>([
  ['', globalThis],
  ['fs', fs],
  ['child_process', childProcess],
  ['crypto', crypto],
  ['crypto.Hash.prototype', crypto.Hash.prototype],
  ['crypto.Hmac.prototype', crypto.Hmac.prototype],
  ['zlib', zlib],
  ['dns', dns],
  ['net', net],
  ['http', http],
  ['http.Server.prototype', http.Server.prototype],
  ['https', https],
  ['worker_threads', workerThreads],
  ['worker_threads.Worker.prototype', workerThreads.Worker.prototype],
  ['Atomics', Atomics],
  ['JSON', JSON],
  ['String.prototype', String.prototype],
  ['RegExp.prototype', RegExp.prototype],
  ['Array.prototype', Array.prototype],
  ['process', process],
]);

/** Remembers the functions as they are; the result tells which have been replaced since. */
export function watchReplacements(): () => string[] {
  const before = [...PLACES].map(([place, holder]) => ({ place, holder, functions: functionsOf(holder) }));
  return () =>
    before.flatMap(({ place, holder, functions }) => {
      const now = functionsOf(holder);
      const names = [...functions.keys()].filter((name) => now.get(name) !== functions.get(name));
      return names.map((name) => (place === '' ? name : `${place}.${name}`));
    });
}

// Getters are left alone: asking some of them loads a module or prints a warning.
function functionsOf(holder: object): Map<string, unknown> {
  const entries = Object.entries(Object.getOwnPropertyDescriptors(holder));
  return new Map(
    entries.flatMap(([name, { value }]): [string, unknown][] => (typeof value === 'function' ? [[name, value]] : [])),
  );
}
