// Tests that take their time in different ways; the names say how.
import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const loaded = process.execArgv.filter((argument) => !argument.startsWith('--test') && argument !== 'none');

function burn(forMs) {
  const end = performance.now() + forMs;
  while (performance.now() < end);
}

// Longer for who has to look while they run.
const { COMPUTES_MS = '600', WAITS_MS = '300' } = process.env;
test('computes', () => burn(Number(COMPUTES_MS)));
test('waits', () => delay(Number(WAITS_MS)));
describe('a suite', () => {
  test('is quick', () => assert.ok(true));
  test('spins', async () => {
    const end = performance.now() + 300;
    while (performance.now() < end) {
      burn(5);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  test('waits for a child', () => {
    // What a test starts inherits the variables, and may load us as well; it is no part of the run.
    const { stdout } = spawnSync(process.execPath, [...loaded, '-e', 'console.log("from the child")']);
    assert.match(String(stdout), /^from the child/);
  });
});
describe('at once', { concurrency: true }, () => {
  test('one', () => delay(200));
  test('other', () => delay(200));
});
