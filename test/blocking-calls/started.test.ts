// From when on calls count.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { onStarted } from '../../instrumentations/blocking-calls/started.js';

const clockAt = (times: readonly number[]) => {
  const left = [...times];
  return { monotonicMs: () => left.shift() ?? times.at(-1) ?? 0, unixMs: () => 0 };
};

// What the timer waits for keeps nothing alive, so that something else has to.
async function within<T>(run: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => {}, 1000);
  try {
    return await run();
  } finally {
    clearInterval(alive);
  }
}

test('a program that does not serve has started after 10 s', () =>
  within(async () => {
    let looks = 0;
    await new Promise<void>((resolve) => {
      const clock = { ...clockAt([]), monotonicMs: () => (looks++ < 3 ? 0 : 10_000) };
      onStarted(clock, resolve);
    });
    assert.equal(looks, 4, 'the begin, two looks too early, and the one');
  }));

test('one that serves has', () =>
  within(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    await new Promise<void>((resolve) => onStarted(clockAt([0]), resolve));
    server.close();
  }));

test('nothing begins after the end', () =>
  within(async () => {
    const begun: string[] = [];
    onStarted(clockAt([0, 10_000]), () => begun.push('stopped')).stop();
    await new Promise<void>((resolve) => onStarted(clockAt([0, 10_000]), resolve));
    assert.deepEqual(begun, []);
  }));
