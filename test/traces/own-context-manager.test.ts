// Our own context manager does what OpenTelemetry's interface asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { createOwnManager } from '../../src/traces/own-context-manager.js';

const KEY = createContextKey('test');
const context = (name: string) => ROOT_CONTEXT.setValue(KEY, name);

test('a context is active in what is called within it, and after each await there, and nowhere else', async () => {
  const manager = createOwnManager(ROOT_CONTEXT).enable();
  const seen = async () => {
    const before = manager.active().getValue(KEY);
    await delay(1);
    return [before, manager.active().getValue(KEY)];
  };
  const [first, second] = [manager.with(context('a'), seen), manager.with(context('b'), seen)];
  assert.equal(manager.active(), ROOT_CONTEXT);
  assert.deepEqual(
    [await first, await second],
    [
      ['a', 'a'],
      ['b', 'b'],
    ],
  );
  manager.disable();
});

test('a function is called with its this, its arguments and its result, and throws what it throws', () => {
  const manager = createOwnManager(ROOT_CONTEXT);
  const add = function (this: { sum: number }, one: number, two: number) {
    return this.sum + one + two;
  };
  assert.equal(manager.with(context('a'), add, { sum: 1 }, 2, 3), 6);
  const error = new Error('no');
  const fail = () => {
    throw error;
  };
  assert.throws(() => manager.with(context('a'), fail), error);
});

test('a bound function runs in its context wherever it is called; what is no function stays what it is', () => {
  const manager = createOwnManager(ROOT_CONTEXT);
  const read = (_one: number, _two: number) => manager.active().getValue(KEY);
  const bound = manager.bind(context('a'), read);
  assert.equal(bound.length, 2);
  assert.equal(
    manager.with(context('b'), () => bound(1, 2)),
    'a',
  );
  const other = {};
  assert.equal(manager.bind(context('a'), other), other);
});

test('nothing is active after disable()', () => {
  const manager = createOwnManager(ROOT_CONTEXT);
  manager.with(context('a'), () => {
    manager.disable();
    assert.equal(manager.active(), ROOT_CONTEXT);
  });
});
