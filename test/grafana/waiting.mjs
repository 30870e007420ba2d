// Loaded into the demo: everything that work can wait for and that the demo does without, each waited for and some failing.
import { execFile } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import { lookup } from 'node:dns';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { monitorLock, traced } from 'loopsight';

const require = createRequire(new URL('../libraries/package.json', import.meta.url));

if (isMainThread) {
  const { createPool } = require('generic-pool');
  const { Mutex } = require('async-mutex');
  const pool = createPool({ create: async () => ({}), destroy: async () => {} }, { max: 2 });
  const lock = new Mutex();
  monitorLock(lock, 'accounts');
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref());
  const server = createServer((_request, response) => setTimeout(() => response.end('done'), 20));
  server.listen(0, '127.0.0.1').unref();

  const useConnection = () => pool.use(() => pause(100));
  const hold = () => lock.runExclusive(() => pause(1200));
  const seal = traced('seal', () => promisify(pbkdf2)('secret', 'salt', 20_000, 32, 'sha256'));
  const lockOften = async () => (await lock.acquire())();
  const ask = () => fetch(`http://127.0.0.1:${server.address().port}/`).then((response) => response.text());

  setInterval(() => {
    for (let count = 0; count < 4; count++) useConnection();
    for (let count = 0; count < 8; count++) pbkdf2('secret', 'salt', 20_000, 32, 'sha256', () => {});
    seal();
    lookup('localhost', () => {});
    ask().catch(() => {});
    lockOften();
    execFile('true', () => {});
    execFile('false', () => {});
  }, 500).unref();
  setInterval(() => {
    hold();
    // It has a pipe to write to.
    process.stdout.write('held\n');
  }, 2000).unref();
}
