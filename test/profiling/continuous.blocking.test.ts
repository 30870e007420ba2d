// The profile that never ends, of a program that burns processor time in known shares: taken by a thread as the observer is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runNode } from '../support/run-node.js';

const PROGRAM = 'test/profiling/programs/profiled.mjs';
const SHARES = { mostOf: 53, halfOf: 27, restOf: 19 } as const;
/** Samples are 2 ms apart, and a machine has other things to do. */
const POINTS = 10;

interface Continuous {
  readonly windows: readonly { readonly fromMs: number; readonly toMs: number; readonly samples: number }[];
  readonly seconds: Readonly<Record<string, number>>;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly sampledWhile: boolean;
  readonly sampledAfter: boolean;
}

async function run<T>(way: string): Promise<T> {
  const { code, stdout, stderr } = await runNode([PROGRAM, way]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

function checkShares(seen: Readonly<Record<string, number>>): void {
  const total = Object.values(SHARES).reduce((sum, share) => sum + share, 0);
  const known = Object.keys(SHARES).reduce((sum, name) => sum + (seen[name] ?? 0), 0);
  for (const [name, share] of Object.entries(SHARES)) {
    const percent = ((seen[name] ?? 0) / known) * 100;
    assert.ok(Math.abs(percent - (share / total) * 100) <= POINTS, `${name}: ${percent} % of ${JSON.stringify(seen)}`);
  }
}

describe('a profile that never ends', { concurrency: 2 }, () => {
  for (const [title, way] of Object.entries({
    'of a loop that turns': 'turning',
    'of a loop that is blocked': 'blocked',
  })) {
    test(`${title}: windows without a gap, and processor time by function`, async () => {
      const { windows, seconds, startedMs, endedMs, sampledWhile, sampledAfter } = await run<Continuous>(way);
      assert.equal(windows.length, 5);
      for (const [index, { fromMs, toMs, samples }] of windows.entries()) {
        const before = windows[index - 1];
        assert.ok(before === undefined || fromMs <= before.toMs, JSON.stringify(windows));
        // They are 400 ms long; the first one begins while the profiler starts.
        assert.ok(samples > 0 || toMs - fromMs < 300, JSON.stringify(windows));
      }
      // V8 counts time as we do.
      assert.ok((windows[0]?.fromMs ?? 0) <= startedMs && (windows.at(-1)?.toMs ?? 0) <= endedMs);
      checkShares(seconds);
      assert.deepEqual({ sampledWhile, sampledAfter }, { sampledWhile: true, sampledAfter: false });
    });
  }
});

describe('a profile on request', { concurrency: 2 }, () => {
  test('is taken anew where none runs, one at a time', async () => {
    const { ticks, ...rest } = await run<{ ticks: Record<string, number> }>('once');
    checkShares(ticks);
    assert.deepEqual(rest, { busy: 'ProfilerBusy', notes: [], isOwn: true, sampledAfter: false });
  });

  test('is put together from the windows of the one that runs, at its interval', async () => {
    const { ticks, intervalUs, durationMs, samples } = await run<{
      ticks: Record<string, number>;
      intervalUs: number;
      durationMs: number;
      samples: number;
    }>('joined');
    checkShares(ticks);
    assert.equal(intervalUs, 2000);
    assert.ok(durationMs >= 1400, `${durationMs} ms`);
    // Nearly every tick is a sample; those at the seams are in both.
    const all = Object.values(ticks).reduce((sum, count) => sum + count, 0);
    assert.ok(Math.abs(samples - all) <= all / 10 + 10, `${samples} samples, ${all} ticks`);
  });
});
