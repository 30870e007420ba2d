// The thread pool with real work in it, as the thread that gives the work sees it.
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import dns from 'node:dns';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { hasHooksWithoutPromises } from '../../instrumentations/thread-pool/async-hook.js';
import { createThreadPoolMonitor } from '../../instrumentations/thread-pool/index.js';
import type { PoolWork } from '../../instrumentations/thread-pool/pool-requests.js';
import { tellsPoolThreads } from '../../instrumentations/thread-pool/pool-threads.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { eventually } from '../support/eventually.js';
import { readStore, rethrow } from '../support/read-store.js';

const THREADS = 4;
const FILE = import.meta.filename;

const hash = (iterations: number): Promise<unknown> =>
  promisify(crypto.pbkdf2)('secret', 'salt', iterations, 64, 'sha512');

function depth(work: PoolWork): string {
  return `loopsight.threadpool.queue.depth{threadpool.lane=${work === 'dns' ? 'slow_io' : 'default'},threadpool.work=${work}}`;
}
const RUNNING = 'loopsight.threadpool.running';

function watch(t: TestContext, shared = true) {
  const store = createStore({ clock: systemClock, report: rethrow });
  const monitor = createThreadPoolMonitor().start({ recorder: store, clock: systemClock, shared, report: rethrow });
  t.after(() => monitor.stop());
  return { monitor, read: () => readStore(store) };
}

const folder = fs.mkdtempSync(join(tmpdir(), 'loopsight-pool-'));
const pipe = join(folder, 'pipe');
execFileSync('mkfifo', [pipe]);
test.after(() => fs.rmSync(folder, { recursive: true }));

// The loader that compiles this file tidies its cache, one file after the other, at the start of the program: between two of
// them the pool may be empty for as long as a busy machine likes, but not for so many turns of the loop.
test.before(async () => {
  let begun = 0;
  const hook = createHook({
    init(_id, type) {
      if (type.startsWith('FSREQ') || type === 'DIRHANDLE') begun++;
    },
  }).enable();
  let [before, quiet] = [-1, 0];
  await eventually(
    () => begun,
    (now) => {
      quiet = now === before ? quiet + 1 : 0;
      before = now;
      return quiet > 12;
    },
    60_000,
  );
  hook.disable();
});

/** Has all threads wait for somebody who writes into a pipe; the function that is returned is that. */
async function holdPool(t: TestContext, read: () => Readonly<Record<string, number>>): Promise<() => Promise<void>> {
  const opened = Promise.all(Array.from({ length: THREADS }, () => promisify(fs.open)(pipe, 'r')));
  let free = async () => {
    free = async () => {};
    const writer = fs.openSync(pipe, 'r+');
    for (const file of [...(await opened), writer]) fs.closeSync(file);
  };
  t.after(() => free());
  await eventually(read, (values) => values[RUNNING] === THREADS);
  return () => free();
}

test('20 derivations of keys at once: 4 run, 16 wait, and then none', async (t) => {
  const { read } = watch(t);
  assert.deepEqual(read(), {}, 'a pool without work has no series');
  const derived = Promise.all(Array.from({ length: 20 }, () => hash(50_000)));
  const values = await eventually(read, (now) => now[RUNNING] === THREADS);
  assert.deepEqual(values, {
    [depth('crypto')]: 16,
    [RUNNING]: 4,
    'loopsight.threadpool.size{threadpool.lane=default}': 4,
    'loopsight.threadpool.size{threadpool.lane=slow_io}': 2,
  });
  await derived;
  const after = await eventually(read, (now) => now[RUNNING] === 0);
  assert.equal(after[depth('crypto')], 0);
});

test('work of every kind that waits is counted by its kind', async (t) => {
  const { read } = watch(t);
  const free = await holdPool(t, read);
  const others = Promise.all([
    ...Array.from({ length: 3 }, () => promisify(fs.stat)(FILE)),
    ...Array.from({ length: 2 }, () => fs.promises.readFile(FILE)),
    ...Array.from({ length: 5 }, () => promisify(dns.lookup)('localhost')),
    ...Array.from({ length: 6 }, () => promisify(zlib.gzip)('text')),
  ]);
  // A stream passes its first chunk on in the next tick.
  const values = await eventually(read, (now) => now[depth('zlib')] === 6);
  assert.deepEqual([values[depth('fs')], values[depth('dns')]], [5, 5]);
  await free();
  await others;
  const after = read();
  for (const work of ['fs', 'dns', 'zlib'] as const) assert.equal(after[depth(work)], 0, work);
});

const pair = crypto.generateKeyPairSync('ed25519');
type Callback = (...results: unknown[]) => void;

/** What is one request, with the kind that it is. */
const REQUESTS: Readonly<Record<string, readonly [PoolWork, (done: Callback) => unknown]>> = {
  'fs.readFile': ['fs', (done) => fs.readFile(FILE, done)],
  'fs.writeFile': ['fs', (done) => fs.writeFile('/dev/null', 'text', done)],
  'fs.appendFile': ['fs', (done) => fs.appendFile('/dev/null', 'text', done)],
  'fs.exists': ['fs', (done) => fs.exists(FILE, done)],
  'fs.realpath': ['fs', (done) => fs.realpath(FILE, done)],
  'fs.realpath.native': ['fs', (done) => fs.realpath.native(FILE, done)],
  'fs.rm': ['fs', (done) => fs.rm('/nowhere/at/all', { force: true, recursive: true }, done)],
  'fs.opendir': ['fs', (done) => fs.opendir('/', (error, folder) => folder.close().then(() => done(error), done))],
  'fs.createReadStream': ['fs', (done) => fs.createReadStream(FILE).on('close', done).resume()],
  'fs.promises.stat': ['fs', (done) => fs.promises.stat(FILE).then(() => done(), done)],
  'fs.promises.open': [
    'fs',
    (done) => fs.promises.open(FILE).then((opened) => opened.close().then(() => done()), done),
  ],
  'dns.lookup': ['dns', (done) => dns.lookup('localhost', done)],
  'dns.promises.lookup': ['dns', (done) => dns.promises.lookup('localhost').then(() => done(), done)],
  'dns.lookupService': ['dns', (done) => dns.lookupService('127.0.0.1', 22, done)],
  'crypto.randomBytes': ['crypto', (done) => crypto.randomBytes(8, done)],
  'crypto.scrypt': ['crypto', (done) => crypto.scrypt('secret', 'salt', 16, done)],
  'crypto.hkdf': ['crypto', (done) => crypto.hkdf('sha256', 'secret', 'salt', 'info', 16, done)],
  'crypto.generateKeyPair': ['crypto', (done) => crypto.generateKeyPair('ec', { namedCurve: 'P-256' }, done)],
  'crypto.sign': ['crypto', (done) => crypto.sign(null, Buffer.from('text'), pair.privateKey, done)],
  'crypto.subtle.digest': [
    'crypto',
    (done) => crypto.webcrypto.subtle.digest('SHA-256', new Uint8Array(8)).then(() => done(), done),
  ],
  'zlib.brotliCompress': ['zlib', (done) => zlib.brotliCompress('text', done)],
  'a stream of zlib': [
    'zlib',
    (done) =>
      zlib
        .createDeflate()
        .on('end', done)
        .on('data', () => {})
        .end('text'),
  ],
  'a stream of zlib that fails': [
    'zlib',
    (done) =>
      zlib
        .createGunzip()
        .on('error', () => done())
        .end('no gzip'),
  ],
};

for (const [name, [work, make]] of Object.entries(REQUESTS)) {
  const isUnseen = !hasHooksWithoutPromises() && (name === 'fs.realpath.native' || name === 'fs.rm');
  if (isUnseen) continue;
  test(`${name} is one request while it waits, and none afterwards`, async (t) => {
    const { read } = watch(t);
    const free = await holdPool(t, read);
    const done = new Promise<void>((resolve, reject) => {
      make((error) => (error instanceof Error ? reject(error) : resolve()));
    });
    await eventually(read, (now) => now[depth(work)] === 1);
    assert.equal(read()[RUNNING], THREADS);
    await free();
    await done;
    await eventually(read, (now) => now[depth(work)] === 0);
  });
}

test('synchronous calls leave nothing behind', (t) => {
  const { read } = watch(t);
  // More of each than there are threads: what is left behind would wait.
  for (let call = 0; call < 2 * THREADS; call++) {
    crypto.pbkdf2Sync('secret', 'salt', 1, 8, 'sha1');
    crypto.randomBytes(8);
    crypto.generateKeyPairSync('ed25519');
    zlib.gzipSync('text');
    fs.statSync(FILE);
    assert.throws(() => crypto.pbkdf2('secret', 'salt', 1, 8, 'no such hash', () => {}));
  }
  const values = read();
  for (const work of ['fs', 'crypto', 'zlib'] as const) assert.ok(!(Number(values[depth(work)]) > 0), work);
});

test('an address is no look-up', async (t) => {
  const { read } = watch(t);
  await promisify(dns.lookup)('127.0.0.1');
  await dns.promises.lookup('::1');
  assert.equal(read()[depth('dns')], undefined);
});

test('a look-up that is refused at once leaves nothing behind', async (t) => {
  const { read } = watch(t);
  const name = 'a'.repeat(300);
  await assert.rejects(promisify(dns.lookup)(name));
  await assert.rejects(dns.promises.lookup(name));
  assert.throws(() => dns.lookup(7 as never, () => {}), TypeError);
  assert.deepEqual([read()[depth('dns')], read()[RUNNING]], [0, 0]);
});

/** What all streams of zlib inherit from. */
function streamsOfZlib(): object {
  let prototype: object = zlib.Deflate.prototype;
  while (!Object.hasOwn(prototype, '_transform')) prototype = Object.getPrototypeOf(prototype);
  return prototype;
}

test('what is wrapped stays what it was, and is put back', async (t) => {
  const holders: readonly object[] = [fs, fs.promises, dns, dns.promises, crypto, streamsOfZlib()];
  const describe = () => holders.map((holder): PropertyDescriptorMap => Object.getOwnPropertyDescriptors(holder));
  const shapes = () =>
    holders.map((holder) =>
      Object.entries(Object.getOwnPropertyDescriptors(holder as Readonly<Record<string, unknown>>)).map(
        ([name, { value }]) => (typeof value === 'function' ? [name, Object.getOwnPropertyDescriptors(value)] : name),
      ),
    );
  const before = describe();
  const shapesBefore = shapes();
  const { monitor } = watch(t);
  assert.deepEqual(shapes(), shapesBefore);
  assert.notEqual(describe().at(-1)?._transform?.value, before.at(-1)?._transform?.value);
  assert.notEqual(describe()[2]?.lookup?.value, before[2]?.lookup?.value);
  if (!hasHooksWithoutPromises()) assert.notEqual(describe()[0]?.stat?.value, before[0]?.stat?.value);
  await assert.rejects(fs.promises.stat('/nowhere/at/all'), { code: 'ENOENT' });
  await assert.rejects(promisify(fs.stat)('/nowhere/at/all'), { code: 'ENOENT' });
  monitor.stop();
  monitor.stop();
  for (const [index, properties] of describe().entries()) {
    for (const [name, property] of Object.entries(properties)) {
      assert.equal(property.value, (before[index] as PropertyDescriptorMap)[name]?.value, name);
    }
  }
});

if (tellsPoolThreads()) {
  test('where the observer reads the threads, this thread leaves that to it', async (t) => {
    const { read } = watch(t, false);
    await hash(1);
    assert.deepEqual(Object.keys(read()), [depth('crypto')]);
  });
}

test('a program that does nothing has no series, and stop removes all', async (t) => {
  const { monitor, read } = watch(t);
  assert.deepEqual(read(), {});
  await hash(1);
  assert.notDeepEqual(read(), {});
  monitor.stop();
  assert.deepEqual(read(), {});
});
