// What is wrapped, who sees it, and what is left when the monitor stops.
import assert from 'node:assert/strict';
import childProcess, { spawnSync } from 'node:child_process';
import crypto, { createHash } from 'node:crypto';
import fs, { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, mock, test } from 'node:test';
import v8 from 'node:v8';
import { runInThisContext } from 'node:vm';
import zlib from 'node:zlib';
import { createBlockingCallsMonitor } from '../../instrumentations/blocking-calls/index.js';
import { createStore } from '../../src/recorder/store.js';
import type { SeenCall } from '../../src/stalls/loop/recent-calls.js';
import { readStore, rethrow } from '../support/read-store.js';

let nowMs = 1000;
const clock = { monotonicMs: () => nowMs, unixMs: () => nowMs };
const running = new Set<{ stop(): void }>();

function start() {
  const store = createStore({ clock, report: rethrow });
  const calls: SeenCall[] = [];
  const capturing = new Int32Array(new SharedArrayBuffer(4));
  const definition = createBlockingCallsMonitor({ capturing, onLongCall: (call) => calls.push(call) });
  const monitor = definition.start({ recorder: store, clock, shared: false, report: rethrow });
  running.add(monitor);
  return { store, calls, stop: () => monitor.stop() };
}

afterEach(() => {
  for (const monitor of running) monitor.stop();
  running.clear();
});

const HOLDERS: Readonly<Record<string, object>> = {
  fs,
  child_process: childProcess,
  crypto,
  'crypto.Hash': crypto.Hash.prototype,
  zlib,
  v8,
  JSON,
  globalThis,
};

const WRAPPED: Readonly<Record<string, readonly string[]>> = {
  fs: ['readFileSync', 'statSync', 'existsSync', 'copyFileSync', 'readSync', 'cpSync'],
  child_process: ['spawnSync', 'execSync', 'execFileSync'],
  crypto: ['pbkdf2Sync', 'scryptSync', 'randomBytes', 'randomFillSync', 'checkPrimeSync', 'sign'],
  'crypto.Hash': ['update', 'digest'],
  zlib: ['gzipSync', 'brotliDecompressSync'],
  v8: ['serialize', 'deserialize', 'writeHeapSnapshot'],
  JSON: ['parse', 'stringify'],
  globalThis: ['structuredClone'],
};

const LEFT_ALONE: Readonly<Record<string, readonly string[]>> = {
  fs: ['promises', 'readFile', 'constants', 'Stats', 'watch', 'createReadStream'],
  child_process: ['spawn', 'exec', 'fork'],
  crypto: ['createHash', 'Hash', 'webcrypto', 'subtle', 'randomUUID', 'timingSafeEqual', 'pbkdf2'],
  'crypto.Hash': ['copy', '_transform', 'constructor'],
  zlib: ['gzip', 'Gzip', 'constants'],
  v8: ['getHeapStatistics'],
  JSON: ['rawJSON'],
  globalThis: ['Atomics', 'setTimeout'],
};

const propertiesOf = () =>
  Object.fromEntries(Object.entries(HOLDERS).map(([name, holder]) => [name, Object.getOwnPropertyDescriptors(holder)]));

test('wraps what blocks, leaves everything else, and puts all of it back', () => {
  const before = propertiesOf();
  const { stop } = start();
  const during = propertiesOf();
  for (const [holder, names] of Object.entries(WRAPPED)) {
    for (const name of names) {
      const [then, now] = [before[holder]?.[name], during[holder]?.[name]];
      assert.equal(typeof then?.value, 'function', `${holder}.${name}`);
      assert.notEqual(now?.value, then?.value, `${holder}.${name}`);
      assert.deepEqual({ ...now, value: 0 }, { ...then, value: 0 }, `${holder}.${name}`);
    }
  }
  for (const [holder, names] of Object.entries(LEFT_ALONE)) {
    for (const name of names) assert.deepEqual(during[holder]?.[name], before[holder]?.[name], `${holder}.${name}`);
  }
  for (const [holder, properties] of Object.entries(during)) {
    assert.deepEqual(Object.keys(properties), Object.keys(before[holder] ?? {}), 'the order of keys');
  }
  stop();
  stop();
  const after = propertiesOf();
  for (const [holder, properties] of Object.entries(before)) {
    for (const [name, property] of Object.entries(properties)) {
      assert.equal(after[holder]?.[name]?.value, property.value, `${holder}.${name}`);
      assert.equal(after[holder]?.[name]?.get, property.get, `${holder}.${name}`);
    }
  }
});

test('imports by name see the wrappers, and the originals again', () => {
  const originals = [existsSync, spawnSync];
  const { stop } = start();
  assert.deepEqual([existsSync, spawnSync], [fs.existsSync, childProcess.spawnSync]);
  assert.notEqual(existsSync, originals[0]);
  stop();
  assert.equal(existsSync, originals[0]);
  assert.equal(spawnSync, originals[1]);
});

test('the functions still work, and keep their own properties', () => {
  const native = fs.realpathSync.native;
  start();
  assert.equal(fs.realpathSync.native, native);
  assert.equal(fs.existsSync(process.execPath), true);
  assert.throws(() => fs.readFileSync('/no/such/file'), { code: 'ENOENT' });
  assert.equal(JSON.parse('{"a":[1]}', (_, value) => value).a[0], 1);
  assert.throws(() => (JSON.parse as (text?: string) => unknown)(), SyntaxError);
  assert.deepEqual(structuredClone({ a: new Date(0) }), { a: new Date(0) });
  assert.throws(() => (structuredClone as () => unknown)(), TypeError);
  const digest = createHash('sha256').update('a').digest('hex');
  assert.match(digest, /^ca978112ca1bb/);
  assert.ok(createHash('sha256') instanceof crypto.Hash);
  assert.deepEqual(v8.deserialize(v8.serialize({ a: 1 })), { a: 1 });
  assert.equal(zlib.gunzipSync(zlib.gzipSync('text')).toString(), 'text');
});

test('who wrapped before is put back, who wrapped since keeps what they have', () => {
  const { existsSync: original, accessSync } = fs;
  const earlier = mock.fn(original);
  fs.existsSync = earlier;
  const { stop } = start();
  const ours = fs.existsSync;
  fs.existsSync(process.execPath);
  assert.equal(earlier.mock.callCount(), 1);

  const later = mock.method(fs, 'accessSync');
  const replaced = fs.accessSync;
  stop();
  assert.equal(fs.existsSync, earlier, 'the one before us');
  assert.equal(fs.accessSync, replaced, 'the one after us');
  fs.accessSync(process.execPath);
  assert.equal(later.mock.callCount(), 1);

  later.mock.restore();
  // What they put back is ours, which does nothing but the call any more.
  fs.accessSync(process.execPath);
  assert.equal(ours(process.execPath), true);
  Object.assign(fs, { existsSync: original, accessSync });
  syncBuiltinESMExports();
});

/** Makes a call of `fs.accessSync` take 40 ms while `run` runs. */
const withSlowAccess = (run: () => void) => () => {
  const { accessSync } = fs;
  fs.accessSync = (() => {
    nowMs += 40;
  }) as unknown as typeof accessSync;
  try {
    run();
  } finally {
    fs.accessSync = accessSync;
    syncBuiltinESMExports();
  }
};

test(
  'long calls are counted by caller, and told of with their stack',
  withSlowAccess(() => {
    const { store, calls, stop } = start();
    function readsTheDisk(): void {
      fs.accessSync('any');
    }
    readsTheDisk();
    const labels = '{blocking_call.name=fs.accessSync,code.function.name=readsTheDisk}';
    assert.equal(readStore(store)[`loopsight.blocking_call.duration.count${labels}`], 1);
    assert.equal(readStore(store)[`loopsight.blocking_call.duration.sum${labels}`], 0.04);
    assert.equal(calls.length, 1);
    assert.deepEqual(
      { ...calls[0], frames: calls[0]?.frames[0]?.[0] },
      {
        label: 'fs.accessSync',
        fromMs: nowMs - 40,
        toMs: nowMs,
        frames: 'readsTheDisk',
      },
    );
    const { accessSync: wrapper } = fs;
    stop();
    wrapper('any');
    assert.equal(calls.length, 1);
    assert.deepEqual(readStore(store), {});
  }),
);

test(
  'after a long call, what the application matched last is still that, whoever made the call',
  withSlowAccess(() => {
    const { calls } = start();
    const code = "((access) => { /(.+)-(.+)/.exec('left-right'); access('any'); return RegExp.$1; })";
    for (const filename of ['/srv/node_modules/a/index.js', 'file:///srv/node_modules/a/a%20b.mjs', 'evalmachine.a']) {
      assert.equal(runInThisContext(code, { filename })(fs.accessSync), 'left', filename);
    }
    assert.equal(calls.length, 3);
  }),
);

test('two monitors wrap each other and stop in any order', () => {
  const { existsSync: original } = fs;
  const first = start();
  const second = start();
  first.stop();
  assert.equal(fs.existsSync(process.execPath), true);
  second.stop();
  assert.equal(fs.existsSync(process.execPath), true);
  fs.existsSync = original;
  syncBuiltinESMExports();
});

test('whatever stands where a number of a file should: Node says what is wrong with it', () => {
  start();
  const { writeSync } = fs as unknown as { writeSync(fd: unknown, text: string): number };
  for (const fd of [Object.create(null), 'length', Symbol.iterator, undefined]) {
    assert.throws(() => writeSync(fd, ''), { code: 'ERR_INVALID_ARG_TYPE' });
  }
});

test('a call that is given a callback works elsewhere, and is none that blocks', () => {
  const { randomBytes } = crypto;
  crypto.randomBytes = ((_size: number, callback?: () => void) => {
    nowMs += 40;
    callback?.();
  }) as unknown as typeof randomBytes;
  try {
    const { calls } = start();
    crypto.randomBytes(8, () => {});
    assert.deepEqual(calls, []);
    crypto.randomBytes(8);
    assert.deepEqual(
      calls.map(({ label }) => label),
      ['crypto.randomBytes'],
    );
  } finally {
    for (const monitor of running) monitor.stop();
    crypto.randomBytes = randomBytes;
    syncBuiltinESMExports();
  }
});
