import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CdpConnection } from '../../src/cdp/connection.js';
import { createWindows } from '../../src/top/windows.js';

const PROFILE = { nodes: [], startTime: 0, endTime: 1, samples: [], timeDeltas: [] };

// An inspector that does what console.profile does there, as far as it may.
function fakeThread({ isReplaced = false, isShared = false, startMs = 0 } = {}) {
  const asked: string[] = [];
  const evaluated = new Set<string>();
  const listeners = new Set<(params: unknown) => void>();
  const running = new Set<string>();
  let nowMs = 1000;
  const finish = (title: string) => {
    for (const listener of listeners) listener({ id: '1', title, profile: PROFILE });
  };
  const connection: CdpConnection = {
    async post(method, params = {}) {
      asked.push(method);
      const isSampled = isShared && asked.includes('Profiler.enable');
      if (isSampled && method === 'Profiler.setSamplingInterval') throw new Error('Cannot change it when profiling');
      if (method === 'Profiler.start') nowMs += startMs;
      if (method === 'Profiler.stop') return { profile: PROFILE };
      if (method !== 'Runtime.evaluate') return {};
      if (isReplaced) return { result: { value: false } };
      const { expression } = params as { readonly expression: string };
      evaluated.add(expression);
      const [, begun] = /profile\("([^"]+)"\)/.exec(expression) ?? [];
      const [, ended] = /profileEnd\("([^"]+)"\)/.exec(expression) ?? [];
      if (begun !== undefined) running.add(begun);
      if (ended !== undefined && running.delete(ended)) finish(ended);
      return { result: { value: true } };
    },
    on(_event, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    closed: new Promise(() => {}),
    close() {},
  };
  const clock = { monotonicMs: () => nowMs, unixMs: () => 0 };
  return {
    thread: { threadId: 0, thread: 'main', connection },
    clock,
    asked,
    evaluated,
    running,
    listeners,
    finish,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('windows of a profile', () => {
  it('overlap, so that the profiler never stops between them', async () => {
    const { thread, clock, asked, running } = fakeThread();
    const windows = createWindows(thread, { intervalUs: 5000, isOwn: true, mayEvaluate: true, clock });
    await windows.turn();
    assert.deepEqual(windows.take(), []);
    assert.equal(running.size, 1);
    await windows.turn();
    assert.equal(windows.take().length, 1);
    assert.deepEqual(windows.take(), []);
    assert.equal(running.size, 1);
    assert.deepEqual(asked, [
      'Profiler.setSamplingInterval',
      'Profiler.enable',
      'Runtime.evaluate',
      // Compiled anew, once.
      'Profiler.startPreciseCoverage',
      'Profiler.stopPreciseCoverage',
      'Runtime.evaluate',
    ]);
  });

  it('come one after the other, and nothing is compiled anew, where Node itself profiles', async () => {
    const { thread, clock, asked } = fakeThread();
    const windows = createWindows(thread, { intervalUs: 5000, isOwn: false, mayEvaluate: true, clock });
    await windows.turn();
    assert.deepEqual(asked, ['Profiler.setSamplingInterval', 'Profiler.enable', 'Profiler.start']);
  });

  it('are not those of somebody else who looks into the same process', async () => {
    const { thread, clock, finish } = fakeThread();
    const windows = createWindows(thread, { intervalUs: 5000, isOwn: true, mayEvaluate: true, clock });
    await windows.turn();
    for (const title of ['the application', 'loopsight top 1.1#1', '']) finish(title);
    assert.deepEqual(windows.take(), []);
  });

  it('are begun and ended by few texts, because V8 keeps each one that was evaluated', async () => {
    const { thread, clock, evaluated } = fakeThread();
    const windows = createWindows(thread, { intervalUs: 5000, isOwn: true, mayEvaluate: true, clock });
    for (let turn = 0; turn < 50; turn++) await windows.turn();
    assert.equal(windows.take().length, 49);
    assert.equal(evaluated.size, 3);
  });

  it('begin although a window of somebody else begins at the same moment', async () => {
    const { thread, clock } = fakeThread({ isShared: true });
    const windows = createWindows(thread, { intervalUs: 5000, isOwn: true, mayEvaluate: true, clock });
    await windows.turn();
    await windows.turn();
    assert.equal(windows.take().length, 1);
  });

  const OTHERS: readonly (readonly [what: string, options: { isReplaced?: boolean }, mayEvaluate: boolean])[] = [
    ['nothing may be evaluated', {}, false],
    ['the console is not that of Node', { isReplaced: true }, true],
  ];
  for (const [what, options, mayEvaluate] of OTHERS) {
    it(`come one after the other where ${what}`, async () => {
      const { thread, clock, asked, pass } = fakeThread(options);
      const windows = createWindows(thread, { intervalUs: 5000, isOwn: true, mayEvaluate, clock });
      for (let turn = 0; turn < 3; turn++) {
        await windows.turn();
        assert.equal(windows.take().length, turn === 0 ? 0 : 1);
        pass(1000);
      }
      assert.deepEqual(
        asked.filter((method) => /\.st(?:art|op)$/.test(method)),
        ['Profiler.start', 'Profiler.stop', 'Profiler.start', 'Profiler.stop', 'Profiler.start'],
      );
    });
  }

  it('grow where starting the profiler takes long, so that it stays a small share of the time', async () => {
    const { thread, clock, asked, pass } = fakeThread({ startMs: 60 });
    const windows = createWindows(thread, { intervalUs: 5000, isOwn: true, mayEvaluate: false, clock });
    for (let turn = 0; turn < 20; turn++) {
      await windows.turn();
      pass(1000);
    }
    const starts = asked.filter((method) => method === 'Profiler.start').length;
    // At once, after the first window, and every three seconds from then on.
    assert.ok(starts >= 6 && starts <= 8, `${starts} starts in 20 s`);
  });

  it('leave out a turn while the thread has not answered the last one, and end with it', async () => {
    const { thread, clock, asked, listeners } = fakeThread();
    const windows = createWindows(thread, { intervalUs: 5000, isOwn: true, mayEvaluate: true, clock });
    await Promise.all([windows.turn(), windows.turn()]);
    assert.equal(asked.filter((method) => method === 'Runtime.evaluate').length, 1);
    await windows.stop();
    await windows.stop();
    await windows.turn();
    assert.deepEqual(asked.slice(5), ['Profiler.disable']);
    assert.equal(listeners.size, 0);
  });
});
