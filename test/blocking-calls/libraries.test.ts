// Libraries that block by design: their calls are timed, throw where they must not be made, and are put back.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { createBlockingCallsMonitor } from '../../instrumentations/blocking-calls/index.js';
import { bcryptLibraries } from '../../instrumentations/blocking-calls/libraries/bcrypt.js';
import {
  type BlockingCallGuard,
  failOnBlockingCalls,
} from '../../instrumentations/blocking-calls/throwing/fail-on-blocking-calls.js';
import type { Monitor } from '../../src/instrumentation.js';
import { createStore } from '../../src/recorder/store.js';
import type { SeenCall } from '../../src/stalls/loop/recent-calls.js';
import { fromLibraries } from '../libraries/from-libraries.js';
import { readStore, rethrow } from '../support/read-store.js';

const monitors = new Set<Monitor>();
afterEach(() => {
  for (const monitor of [...monitors].reverse()) monitor.stop();
  monitors.clear();
});

// Each reading of the clock is 20 ms after the one before, so that every call is a long one.
function startMonitor() {
  let nowMs = 0;
  const clock = { monotonicMs: () => (nowMs += 20), unixMs: () => nowMs };
  const store = createStore({ clock, report: rethrow });
  const calls: SeenCall[] = [];
  const definition = createBlockingCallsMonitor({ onLongCall: (call) => calls.push(call) });
  monitors.add(definition.start({ recorder: store, clock, shared: false, report: rethrow }));
  return { calls, read: () => readStore(store) };
}

function startGuard(): BlockingCallGuard {
  const guard = failOnBlockingCalls({ inTestFiles: true });
  monitors.add(guard);
  return guard;
}

// What is loaded and looked for reads files.
const labelsOf = (calls: readonly SeenCall[], library: string) =>
  calls.map(({ label }) => label).filter((label) => label.startsWith(library));

const stopAll = () => {
  for (const monitor of [...monitors].reverse()) monitor.stop();
};

interface Bcrypt {
  hashSync(text: string, rounds: number): string;
  compareSync(text: string, hash: string): boolean;
  hash(text: string, rounds: number): Promise<string>;
}

test('bcrypt', async () => {
  const bcrypt = fromLibraries('bcrypt') as Bcrypt;
  const { hashSync, hash } = bcrypt;
  const { calls, read } = startMonitor();
  assert.notEqual(bcrypt.hashSync, hashSync);
  assert.equal(bcrypt.hash, hash);
  function storesPassword(): string {
    return bcrypt.hashSync('secret', 4);
  }
  assert.equal(bcrypt.compareSync('secret', storesPassword()), true);
  await bcrypt.hash('secret', 4);
  assert.deepEqual(labelsOf(calls, 'bcrypt.'), ['bcrypt.hashSync', 'bcrypt.compareSync']);
  const series = '{blocking_call.name=bcrypt.hashSync,code.function.name=storesPassword}';
  assert.equal(read()[`loopsight.blocking_call.duration.count${series}`], 1);

  startGuard();
  assert.throws(
    storesPassword,
    /bcrypt\.hashSync blocks the event loop: called by storesPassword .* Use bcrypt\.hash,/,
  );
  assert.equal(labelsOf(calls, 'bcrypt.').length, 2, 'a call that was not made took no time');
  stopAll();
  assert.equal(bcrypt.hashSync, hashSync);
});

test('bcrypt, where nothing but the guard runs', () => {
  const bcrypt = fromLibraries('bcrypt') as Bcrypt;
  startGuard();
  assert.throws(() => bcrypt.hashSync('secret', 4), { code: 'ERR_LOOPSIGHT_BLOCKING_CALL' });
  stopAll();
  assert.match(bcrypt.hashSync('secret', 4), /^\$2/);
});

test('what does not export what it should is left alone', () => {
  for (const { patch } of bcryptLibraries((original) => original)) assert.throws(() => patch({}), TypeError);
});

interface Statement {
  run(...values: unknown[]): unknown;
  all(): unknown[];
  iterate(): Iterable<unknown>;
}
interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): void;
}

// It needs a newer Node than 20.
const [major = 0] = process.versions.node.split('.').map(Number);
if (major >= 22) {
  test('better-sqlite3', () => {
    const Database = fromLibraries('better-sqlite3') as new (file: string) => Database;
    const { exec, prepare } = Database.prototype as Database;
    const { calls } = startMonitor();
    const database = new Database(':memory:');
    database.exec('create table users (name text)');
    const insert = database.prepare('insert into users values (?)');
    insert.run('Ada');
    assert.deepEqual(database.prepare('select * from users').all(), [{ name: 'Ada' }]);
    assert.throws(() => insert.run('Ada', 'Bob'), RangeError);
    assert.deepEqual(labelsOf(calls, 'better-sqlite3.'), [
      'better-sqlite3.Database.exec',
      ...['run', 'all', 'run'].map((name) => `better-sqlite3.Statement.${name}`),
    ]);
    startGuard();
    assert.throws(() => database.prepare('select 1').iterate(), /better-sqlite3\.Statement\.iterate blocks/);
    assert.throws(() => insert.run('Bob'), /better-sqlite3\.Statement\.run blocks .* Use a worker thread/);
    const statements = Object.getPrototypeOf(insert) as Statement;
    const { run } = statements;
    stopAll();
    assert.notEqual(statements.run, run);
    assert.deepEqual([Database.prototype.exec, Database.prototype.prepare], [exec, prepare]);
    insert.run('Bob');
    assert.equal(labelsOf(calls, 'better-sqlite3.').length, 4);
    database.close();
  });
}
