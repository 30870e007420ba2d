// What Jest's hooks begin and end: nothing begins in a file whose tests are all skipped, where Jest runs none of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { current } from '../../src/start.js';
import { observeJest } from '../../src/test-runs/jest-hooks.js';

test('the watch begins with the first hook and ends with the last', async () => {
  const hooks: Record<string, () => unknown> = {};
  const names = ['beforeAll', 'afterAll', 'beforeEach', 'afterEach'];
  const globals: Record<string, unknown> = { expect: { getState: () => ({ currentTestName: 'a', testPath: 'a.js' }) } };
  for (const name of names) {
    globals[name] = (hook: () => unknown) => {
      hooks[name] = hook;
    };
  }
  Object.assign(globalThis, globals);
  try {
    observeJest();
    assert.deepEqual(Object.keys(hooks).sort(), [...names].sort());
    assert.equal(current(), undefined);
    await hooks.beforeAll?.();
    assert.notEqual(current(), undefined);
    hooks.beforeEach?.();
    hooks.afterEach?.();
    await hooks.afterAll?.();
    assert.equal(current(), undefined);
  } finally {
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
  }
});
