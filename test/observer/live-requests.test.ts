// Asking the observer: one request at a time, and nobody waits for one that is gone.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createLiveRequests } from '../../src/observer/live-requests.js';

const snapshot = (value: number, isFirst = false) => {
  const family = { name: 'a', unit: '', kind: 'gauge', description: '' } as const;
  const added = isFirst ? [{ id: 0, family, attributes: [], offset: 0, startUnixMs: 0 }] : [];
  return { unixMs: 0, added, removed: [], values: new Float64Array([value]) };
};

function createFake() {
  const state = { asked: 0 };
  const requests = createLiveRequests(() => {
    state.asked++;
  });
  return { state, requests };
}

test('requests made while one is under way are answered together', async () => {
  const { state, requests } = createFake();
  requests.begun();
  const readings = [requests.read(), requests.read()];
  assert.equal(state.asked, 1);
  requests.receive(snapshot(1, true));
  for (const figures of await Promise.all(readings)) {
    assert.equal(figures?.isFresh, true);
    assert.equal(figures?.table.values[0], 1);
  }
  const next = requests.read();
  assert.equal(state.asked, 2);
  requests.receive(snapshot(2));
  assert.equal((await next)?.table.values[0], 2);
});

test('one that does not answer is waited for a bounded time, and shown as of its last answer', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { requests } = createFake();
    requests.begun();
    const first = requests.read();
    mock.timers.tick(1000);
    assert.equal(await first, undefined);
    const second = requests.read();
    requests.receive(snapshot(1, true));
    await second;
    const third = requests.read();
    mock.timers.tick(100);
    const figures = await third;
    assert.equal(figures?.isFresh, false);
    assert.equal(figures?.table.values[0], 1);
  } finally {
    mock.timers.reset();
  }
});

test('one that has ended is not asked, and who waits for it is let go', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { state, requests } = createFake();
    assert.equal(await requests.read(), undefined);
    requests.begun();
    const waiting = requests.read();
    requests.ended();
    assert.equal(await waiting, undefined);
    assert.equal(await requests.read(), undefined);
    assert.equal(state.asked, 1);
  } finally {
    mock.timers.reset();
  }
});

test('the next one tells of every series anew', async () => {
  const { requests } = createFake();
  requests.begun();
  const first = requests.read();
  requests.receive(snapshot(1, true));
  const before = await first;
  requests.ended();
  requests.begun();
  const second = requests.read();
  requests.receive(snapshot(2, true));
  const after = await second;
  assert.notEqual(after?.table, before?.table);
  assert.equal(after?.table.families.size, 1);
});
