// What stays of windows that are over: nothing. Counted in what the garbage collector leaves, because the memory of a process
// says little.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Inspected } from '../../src/attach/inspected.js';
import type { CdpConnection } from '../../src/cdp/connection.js';
import { systemClock } from '../../src/clock.js';
import { watchAttached } from '../../src/top/attached-source.js';

const WINDOWS = 1500;
/** Whatever V8 learns of code that it runs is not by window. */
const WARM_WINDOWS = 1000;
const BYTES_OF_A_WINDOW = 250;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedBytes(): number {
  for (let round = 0; round < 4; round++) collectGarbage();
  return process.memoryUsage().heapUsed;
}

// An inspector that answers at once, and tells of a profile that is always the same.
function fakeConnection(): CdpConnection {
  const listeners = new Map<string, Set<(params: unknown) => void>>();
  const callFrame = { functionName: 'work', scriptId: '1', url: '', lineNumber: 1, columnNumber: 1 };
  const nodes = [{ id: 1, callFrame, hitCount: 1 }];
  return {
    async post(method, params = {}) {
      if (method !== 'Runtime.evaluate') return {};
      const [, title] = /profileEnd\("([^"]+)"\)/.exec((params as { expression: string }).expression) ?? [];
      const profile = { nodes, startTime: 0, endTime: 1000, samples: [1], timeDeltas: [0] };
      for (const listen of listeners.get('Profiler.consoleProfileFinished') ?? []) listen({ title, profile });
      return { result: { value: true } };
    },
    on(event, listener) {
      const all = listeners.get(event) ?? new Set();
      listeners.set(event, all.add(listener));
      return () => all.delete(listener);
    },
    closed: new Promise(() => {}),
    close() {},
  };
}

test('the command keeps nothing of a window', { timeout: 60_000 }, async () => {
  const connection = fakeConnection();
  const inspected: Inspected = {
    pid: process.pid,
    way: 'inspector',
    nodeVersion: process.version,
    title: 'shop.js',
    mayEvaluate: true,
    threads: async () => [{ threadId: 0, thread: 'main', connection }],
    ended: new Promise(() => {}),
    detach: async () => {},
  };
  const source = watchAttached(inspected, { windowMs: 0, intervalUs: 5000, clock: systemClock, root: '/srv' });
  const { signal } = new AbortController();
  const watch = async (windows: number) => {
    for (let index = 0; index < windows; index++) assert.ok((await source.next(signal)) !== undefined);
  };
  try {
    await watch(WARM_WINDOWS);
    const before = usedBytes();
    await watch(WINDOWS);
    const kept = (usedBytes() - before) / WINDOWS;
    assert.ok(kept < BYTES_OF_A_WINDOW, `${kept} bytes of each window`);
  } finally {
    await source.stop();
  }
});
