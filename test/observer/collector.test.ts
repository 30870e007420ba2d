// Collecting: one request at a time, answers shared, no scrape waits for a blocked loop.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import {
  COLLECTION_WAIT_MS,
  createCollector,
  FIRST_SNAPSHOT_WAIT_MS,
  REGISTRIES_WAIT_MS,
  SNAPSHOT_WAIT_MS,
} from '../../src/observer/collector.js';

const SNAPSHOT = { unixMs: 0, added: [], removed: [], values: new Float64Array(0) };

function createFake() {
  const state = { nowMs: 0, blockedMs: 0, requests: 0 };
  const collector = createCollector({
    clock: { monotonicMs: () => state.nowMs, unixMs: () => 0 },
    request: () => {
      state.requests++;
    },
    blockedMs: () => state.blockedMs,
  });
  return { state, collector };
}

test('requests made while one is outstanding are answered together', async () => {
  const { state, collector } = createFake();
  const scrapes = [collector.refresh(), collector.refresh(), collector.refresh()];
  assert.equal(state.requests, 1);
  collector.receive(SNAPSHOT);
  await Promise.all(scrapes);
  const next = collector.refresh();
  assert.equal(state.requests, 2);
  collector.receive(SNAPSHOT);
  await next;
});

test('a request without registries does not answer a scrape, which asks once more', async () => {
  const asked: boolean[] = [];
  const collector = createCollector({
    clock: { monotonicMs: () => 0, unixMs: () => 0 },
    request: (ownOnly) => asked.push(ownOnly),
    blockedMs: () => 0,
  });
  const page = collector.refresh({ ownOnly: true });
  const scrape = collector.refresh();
  assert.deepEqual(asked, [true]);
  collector.receive(SNAPSHOT, false);
  await page;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(asked, [true, false]);
  collector.receive(SNAPSHOT, true);
  collector.receiveRegistries(SNAPSHOT);
  await scrape;
});

for (const [which, waitMs, isFirst] of [
  ['the first scrape, which has nothing else to show,', FIRST_SNAPSHOT_WAIT_MS, true],
  ['a later scrape', SNAPSHOT_WAIT_MS, false],
] as const) {
  test(`${which} waits ${waitMs} ms for a loop that does not answer`, async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const { collector } = createFake();
      if (!isFirst) collector.receive(SNAPSHOT);
      let done = false;
      const scrape = collector.refresh().then(() => {
        done = true;
      });
      mock.timers.tick(waitMs - 1);
      await Promise.resolve();
      assert.equal(done, false);
      mock.timers.tick(1);
      await scrape;
      assert.equal(done, true);
    } finally {
      mock.timers.reset();
    }
  });
}

test('a collection that has begun is waited for longer, also by scrapes that come later, and not for ever', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { state, collector } = createFake();
    const done: string[] = [];
    const first = collector.refresh().then(() => done.push('first'));
    collector.begun();
    mock.timers.tick(SNAPSHOT_WAIT_MS + 1);
    const second = collector.refresh().then(() => done.push('second'));
    mock.timers.tick(COLLECTION_WAIT_MS - SNAPSHOT_WAIT_MS - 2);
    await Promise.resolve();
    assert.deepEqual([done, state.requests], [[], 1]);
    mock.timers.tick(1);
    await first;
    assert.deepEqual(done, ['first']);
    collector.receive(SNAPSHOT);
    await second;
    // The next one has not begun yet.
    const third = collector.refresh();
    mock.timers.tick(SNAPSHOT_WAIT_MS);
    await third;
    assert.equal(state.requests, 2);
  } finally {
    mock.timers.reset();
  }
});

test('a loop that is known to be blocked is asked once and not waited for', async () => {
  const { state, collector } = createFake();
  const first = collector.refresh();
  collector.receive(SNAPSHOT);
  await first;
  state.blockedMs = 1000;
  for (let i = 0; i < 100; i++) await collector.refresh();
  assert.equal(state.requests, 2);
});

test('a failed collection fails the scrapes that waited for it and no later one', async () => {
  const { collector } = createFake();
  const scrape = collector.refresh();
  collector.fail();
  await assert.rejects(scrape, /collection failed/);
  const next = collector.refresh();
  collector.receive(SNAPSHOT);
  await next;
});

test('the age counts from the last snapshot', async () => {
  const { state, collector } = createFake();
  assert.ok(Number.isNaN(collector.ageS()));
  collector.receive(SNAPSHOT);
  state.nowMs = 2500;
  assert.equal(collector.ageS(), 2.5);
});

const next = () => new Promise((resolve) => setImmediate(resolve));

test('figures of registries that follow are waited for', async () => {
  const { collector } = createFake();
  let done = false;
  const scrape = collector.refresh().then(() => {
    done = true;
  });
  collector.receive(SNAPSHOT, true);
  await next();
  assert.equal(done, false);
  const family = { name: 'a', unit: '', kind: 'gauge', description: '', isPrometheusName: true } as const;
  const added = [{ id: 0, family, attributes: [], offset: 0, startUnixMs: Number.NaN }];
  collector.receiveRegistries({ ...SNAPSHOT, added, values: new Float64Array([7]) });
  await scrape;
  assert.equal(collector.registries.families.size, 1);
  const another = collector.refresh();
  collector.receive(SNAPSHOT);
  await another;
});

test('figures of registries that do not come are waited for a bounded time', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { collector } = createFake();
    let done = false;
    void collector.refresh().then(() => {
      done = true;
    });
    collector.receive(SNAPSHOT, true);
    for (let waitedMs = 0; waitedMs < REGISTRIES_WAIT_MS; waitedMs += SNAPSHOT_WAIT_MS) {
      await next();
      assert.equal(done, false, `after ${waitedMs} ms`);
      mock.timers.tick(SNAPSHOT_WAIT_MS);
    }
    await next();
    assert.equal(done, true);
  } finally {
    mock.timers.reset();
  }
});

test('a loop that is blocked meanwhile is not waited for', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { state, collector } = createFake();
    const scrape = collector.refresh();
    collector.receive(SNAPSHOT, true);
    await next();
    state.blockedMs = 1000;
    mock.timers.tick(SNAPSHOT_WAIT_MS);
    await scrape;
  } finally {
    mock.timers.reset();
  }
});
