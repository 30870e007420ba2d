// What the serving member shows of the others: the living, the silent, those that ended, and those that came in their place.
import assert from 'node:assert/strict';
import { existsSync, linkSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Gathering, startGathering } from '../../src/group/gathering.js';
import { createMember } from '../../src/group/member.js';
import { type Slot, slotPath, takeSlot } from '../../src/group/slots.js';
import { METRICS } from '../../src/metric-names.js';
import { serialize } from '../../src/prometheus/serialize.js';
import { SeriesTable } from '../../src/prometheus/snapshot.js';
import { createStore } from '../../src/recorder/store.js';
import { eventually } from '../support/eventually.js';

const parent = mkdtempSync(join(tmpdir(), 'ls-gather-'));
after(() => rmSync(parent, { recursive: true, force: true }));
const fail = (_cause: string, error: unknown) => assert.fail(String(error));

const ENDPOINT = { host: '127.0.0.1', port: 1, url: 'http://127.0.0.1:1/metrics' };

function createClock() {
  let nowMs = 1000;
  return { monotonicMs: () => nowMs, unixMs: () => nowMs, advance: (ms: number) => (nowMs += ms) };
}

/** A member in this process: a counter and a gauge. */
async function startMember(folder: string, name: string, refresh = () => Promise.resolve()) {
  const store = createStore({ clock: createClock(), report: (error) => assert.fail(String(error)) });
  const exits = store.sum(METRICS.workerExits, { 'thread.name': 'x' });
  store.sum(METRICS.workers, { 'thread.name': 'x' }).add(1);
  const table = new SeriesTable();
  const reader = store.open();
  let told = 0;
  const member = createMember({
    refresh,
    figures: () => {
      told++;
      table.apply(reader.read());
      return { tables: [table], constantLabels: { service_version: '1' }, resource: {} };
    },
    onServed: () => {},
    report: fail,
  });
  const slot = await takeSlot(folder, name, (socket) => member.accept(socket));
  assert.ok(slot);
  return {
    count: (value: number) => exits.add(value),
    /** How often it has told its figures. */
    told: () => told,
    end(this: void, taken: Slot = slot) {
      member.stop();
      taken.release();
    },
  };
}

function gather(folder: string, clock = createClock()) {
  const gathering = startGathering({ folder, ownSlot: () => '0', clock, endpoint: ENDPOINT, report: fail });
  return { gathering, clock };
}

/** The sample lines of one scrape. */
async function scrape(gathering: Gathering): Promise<string[]> {
  await gathering.refresh();
  return [...serialize(gathering.take())]
    .join('')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

const EXITS = 'loopsight_worker_exits_total{process="1",service_version="1",thread_name="x"}';
const WORKERS = 'loopsight_workers{process="1",service_version="1",thread_name="x"}';
const up = (name: string, value: number) => (lines: readonly string[]) =>
  lines.some(
    (line) =>
      line.startsWith('loopsight_group_member_up') && line.includes(`process="${name}"`) && line.endsWith(` ${value}`),
  );

test('a member that ended is shown for five minutes without gauges, and forgotten then', async () => {
  const folder = mkdtempSync(join(parent, 'f'));
  const member = await startMember(folder, '1');
  const { gathering, clock } = gather(folder);
  try {
    member.count(3);
    const living = await eventually(
      () => scrape(gathering),
      (lines) => up('1', 1)(lines) && lines.includes(`${EXITS} 3`),
    );
    assert.ok(living.includes(`${WORKERS} 1`));
    member.end();
    const ended = await eventually(() => scrape(gathering), up('1', 0));
    assert.ok(ended.includes(`${EXITS} 3`));
    assert.ok(!ended.includes(`${WORKERS} 1`));
    clock.advance(299_000);
    assert.ok((await scrape(gathering)).includes(`${EXITS} 3`));
    clock.advance(2_000);
    const later = await scrape(gathering);
    assert.ok(!later.some((line) => line.includes('process="1"')), later.join('\n'));
  } finally {
    gathering.stop();
  }
});

test('a member that was killed is forgotten as well, with the socket that it left behind', async () => {
  const folder = mkdtempSync(join(parent, 'f'));
  const path = slotPath(folder, '1');
  const member = await startMember(folder, '1');
  const { gathering, clock } = gather(folder);
  try {
    member.count(3);
    await eventually(
      () => scrape(gathering),
      (lines) => up('1', 1)(lines) && lines.includes(`${EXITS} 3`),
    );
    // Ending removes the file of that name, which a kill does not.
    linkSync(path, `${path}.kept`);
    member.end();
    renameSync(`${path}.kept`, path);
    assert.ok((await eventually(() => scrape(gathering), up('1', 0))).includes(`${EXITS} 3`));
    clock.advance(299_000);
    assert.ok((await scrape(gathering)).includes(`${EXITS} 3`));
    assert.ok(existsSync(path));
    clock.advance(2_000);
    await eventually(
      () => scrape(gathering),
      (lines) => !lines.some((line) => line.includes('process="1"')),
    );
    await eventually(
      () => existsSync(path),
      (isThere) => !isThere,
    );
  } finally {
    gathering.stop();
  }
});

test('a slot whose process ended before is shown as one that is not there, and forgotten as well', async () => {
  const folder = mkdtempSync(join(parent, 'f'));
  const path = slotPath(folder, '1');
  const member = await startMember(folder, '1');
  linkSync(path, `${path}.kept`);
  member.end();
  renameSync(`${path}.kept`, path);
  const { gathering, clock } = gather(folder);
  try {
    await eventually(() => scrape(gathering), up('1', 0));
    clock.advance(299_000);
    assert.ok(up('1', 0)(await scrape(gathering)));
    clock.advance(2_000);
    await eventually(
      () => scrape(gathering),
      (lines) => !lines.some((line) => line.includes('process="1"')),
    );
    await eventually(
      () => existsSync(path),
      (isThere) => !isThere,
    );
  } finally {
    gathering.stop();
  }
});

test('a silent member is shown as it was, after a minute without gauges, and is never forgotten', async () => {
  const folder = mkdtempSync(join(parent, 'f'));
  const member = await startMember(folder, '1');
  const { gathering, clock } = gather(folder);
  try {
    await eventually(
      () => scrape(gathering),
      (lines) => up('1', 1)(lines) && lines.includes(`${WORKERS} 1`),
    );
    // A stopped process is one whose clock stands still; here the others' runs ahead.
    clock.advance(3_000);
    const silent = [...serialize(gathering.take())].join('');
    assert.match(silent, /loopsight_group_member_up\{process="1",service_version="1"\} 0\n/);
    assert.ok(silent.includes(`${WORKERS} 1\n`));
    clock.advance(58_000);
    assert.ok(![...serialize(gathering.take())].join('').includes(WORKERS));
    clock.advance(600_000);
    assert.ok([...serialize(gathering.take())].join('').includes(EXITS));
  } finally {
    gathering.stop();
    member.end();
  }
});

test('what a run counted last is shown once before the next run of its slot', async () => {
  const folder = mkdtempSync(join(parent, 'f'));
  const first = await startMember(folder, '1');
  const { gathering } = gather(folder);
  try {
    first.count(5);
    await eventually(
      () => scrape(gathering),
      (lines) => lines.includes(`${EXITS} 5`),
    );
    first.count(2);
    // Not a scrape: the figures come, and nobody is shown them. Who has told them has not been heard yet.
    const before = first.told();
    await eventually(
      () => gathering.refresh().then(first.told),
      (told) => told > before,
    );
    await gathering.refresh();
    first.end();
    const second = await startMember(folder, '1');
    second.count(1);
    const seen = await eventually(
      async () => {
        await gathering.refresh();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return scrape(gathering);
      },
      (lines) => lines.some((line) => line.startsWith(EXITS)),
    );
    assert.ok(seen.includes(`${EXITS} 7`), seen.join('\n'));
    await eventually(
      () => scrape(gathering),
      (lines) => lines.includes(`${EXITS} 1`),
    );
    second.end();
  } finally {
    gathering.stop();
  }
});

test('a member whose collection hangs answers with what it has', async () => {
  const folder = mkdtempSync(join(parent, 'f'));
  const member = await startMember(folder, '1', () => new Promise(() => {}));
  const { gathering } = gather(folder);
  try {
    member.count(4);
    await eventually(
      () => scrape(gathering),
      (lines) => up('1', 1)(lines) && lines.includes(`${EXITS} 4`),
    );
  } finally {
    gathering.stop();
    member.end();
  }
});

test('our own slot is shown as up and serving, and not connected to', async () => {
  const folder = mkdtempSync(join(parent, 'f'));
  const { gathering } = gather(folder);
  try {
    assert.deepEqual(await scrape(gathering), [
      'loopsight_group_member_age_seconds{process="0"} 0',
      'loopsight_group_member_serving{process="0"} 1',
      'loopsight_group_member_up{process="0"} 1',
    ]);
  } finally {
    gathering.stop();
  }
});
