// Values on their way to the observer: memory that is used again, and copies that do not change with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSharedValues, withOwnValues } from '../../src/observer/shared-values.js';
import { createStore } from '../../src/recorder/store.js';
import { rethrow } from '../support/read-store.js';

const gauge = {
  name: 'test.gauge',
  unit: '1',
  kind: 'gauge',
  description: '',
  attributes: ['a'],
  stability: 'experimental',
} as const;

test('the memory is the same each time, and larger when it must be', () => {
  const allocate = createSharedValues();
  const first = allocate(100);
  assert.equal(first.length, 100);
  const memory = first.buffer;
  for (const length of [100, 1, 0, 125]) {
    const values = allocate(length);
    assert.equal(values.buffer, memory);
    assert.equal(values.length, length);
  }
  assert.notEqual(allocate(126).buffer, memory);
});

test('a snapshot that was taken over does not change with the next one, and both are whole', () => {
  const store = createStore({ clock: { monotonicMs: () => 0, unixMs: () => 0 }, report: rethrow });
  const allocate = createSharedValues();
  const reader = store.open();
  const series = Array.from({ length: 5000 }, (_, i) => store.observation({ ...gauge, name: `g${i % 10}` }, { a: i }));
  for (const [i, one] of series.entries()) one.set(i);
  const first = withOwnValues(reader.read(allocate));
  for (const [i, one] of series.entries()) one.set(-i);
  const second = withOwnValues(reader.read(allocate));
  const written = (values: Float64Array) => first.added.map(({ offset }) => values[offset]);
  assert.deepEqual(
    written(first.values),
    series.map((_, i) => i),
  );
  assert.deepEqual(
    written(second.values),
    series.map((_, i) => -i),
  );
  assert.ok(!(first.values.buffer instanceof SharedArrayBuffer));
  assert.equal(withOwnValues(first), first);
});
