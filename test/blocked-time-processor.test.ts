// The span processor by itself: what it asks, what it sets, and that nothing of it reaches the application.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createBlockedTimeProcessor } from '../src/blocked-time-processor.js';
import { sharedState } from '../src/shared-state.js';

const state = sharedState();
const START: [number, number] = [1_900_000_000, 250_000_000];
const END: [number, number] = [1_900_000_001, 500_000_000];

function endSpan(span: Readonly<Record<string, unknown>> = {}): ReadonlyMap<string, unknown> {
  const set = new Map<string, unknown>();
  const setAttribute = (key: string, value: unknown) => set.set(key, value);
  createBlockedTimeProcessor().onEnding({ startTime: START, endTime: END, setAttribute, ...span });
  return set;
}

/** Says that the loop was held for `heldMs` of any time; keeps what it was asked. */
function hold(heldMs: number): (number | undefined)[][] {
  const asked: (number | undefined)[][] = [];
  state.heldTime = {
    between(fromUnixMs, toUnixMs) {
      asked.push([fromUnixMs, toUnixMs]);
      return heldMs;
    },
  };
  return asked;
}

describe('createBlockedTimeProcessor', () => {
  afterEach(() => {
    state.heldTime = undefined;
  });

  test('sets the time in seconds', () => {
    const asked = hold(412.3456);
    assert.deepEqual([...endSpan()], [['loopsight.blocked_time', 0.412346]]);
    assert.deepEqual(asked, [[1_900_000_000_250, 1_900_000_001_500]]);
  });

  test('sets nothing where no stall was', () => {
    hold(0);
    assert.equal(endSpan().size, 0);
  });

  test('sets nothing while Loopsight does not run', () => {
    assert.equal(endSpan().size, 0);
  });

  test('leaves the spans of stalls alone', () => {
    hold(412);
    assert.equal(endSpan({ instrumentationScope: { name: 'loopsight/stalls' } }).size, 0);
    assert.equal(endSpan({ instrumentationScope: { name: 'another' } }).size, 1);
  });

  test('leaves what is no span of an SDK alone, and never throws', () => {
    hold(412);
    const { failures } = state;
    const before = failures.count;
    assert.equal(endSpan({ startTime: 12 }).size, 0);
    assert.equal(endSpan({ endTime: undefined }).size, 0);
    assert.equal(failures.count, before);
    const setAttribute = () => {
      throw new Error('of the SDK');
    };
    assert.doesNotThrow(() => endSpan({ setAttribute }));
    assert.equal(failures.count, before + 1);
  });

  test('has nothing to export', async () => {
    // As the SDK's own type, which has to fit.
    const processor: SpanProcessor = createBlockedTimeProcessor();
    await Promise.all([processor.forceFlush(), processor.shutdown()]);
  });
});
