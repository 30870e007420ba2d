// Whatever a function is and does, nothing but the telemetry tells it from the traced one: arbitrary functions, and arbitrary
// things done with them. A failure prints the plan that made it, and a seed to make it again.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { tracedMonitor } from '../../instrumentations/traced/index.js';
import { measureFunctions } from '../../instrumentations/traced/time/measure-functions.js';
import { systemClock } from '../../src/clock.js';
import { startLiveCalls } from '../../src/live-calls/live-calls.js';
import { createStore } from '../../src/recorder/store.js';
import { traced } from '../../src/traced.js';
import { rethrow } from '../support/read-store.js';
import { startHarness } from './harness.js';
import { type Operation, observe, operations, show } from './properties/observed-behaviour.js';
import { makeFunction } from './properties/planned-function.js';
import { type FunctionPlan, functionPlans } from './properties/plans.js';
import { type Callable, createWorld } from './properties/world.js';

const RUNS = Number(process.env.LOOPSIGHT_PROPERTY_RUNS ?? 1000);

/** What learns of the calls meanwhile. */
const SURROUNDINGS: Readonly<Record<string, () => { stop(): void | Promise<void> }>> = {
  'while nobody records': () => ({ stop() {} }),
  'with metrics': startMetrics,
  'with metrics and spans': startHarness,
  'while every call is measured': startMeasuring,
};

for (const [title, start] of Object.entries(SURROUNDINGS)) {
  describe(title, () => {
    let running: { stop(): void | Promise<void> } | undefined;
    before(() => {
      running = start();
    });
    after(() => running?.stop());

    test('a traced function behaves as it does alone', () =>
      fc.assert(
        fc.asyncProperty(functionPlans, someOperations, fc.boolean(), async (plan, steps, isNamed) => {
          const alone = await behaviourOf(plan, steps, (fn) => fn);
          const wrap = (fn: Callable) => (isNamed ? traced('planned', fn) : traced(fn));
          assert.deepEqual(await behaviourOf(plan, steps, wrap), alone);
        }),
        { numRuns: RUNS },
      ));
  });
}

const someOperations = fc.array(operations, { minLength: 1, maxLength: 5 });

async function behaviourOf(
  plan: FunctionPlan,
  steps: readonly Operation[],
  wrap: (fn: Callable) => Callable,
): Promise<readonly unknown[]> {
  const world = createWorld();
  const original = makeFunction(plan, world);
  const subject = wrap(original);
  world.labels.set(original, 'self');
  world.labels.set(subject, 'self');
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(show(reason, world));
  process.on('unhandledRejection', note);
  try {
    return [await observe(subject, steps, world), unhandled];
  } finally {
    process.off('unhandledRejection', note);
  }
}

// The test runner takes an unhandled rejection for a failure of the test; here it is a part of what a function does.
let listeners: NodeJS.UnhandledRejectionListener[] = [];
before(() => {
  listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
});
after(() => {
  for (const listener of listeners) process.on('unhandledRejection', listener);
});

function startMetrics(): { stop(): void } {
  const recorder = createStore({ clock: systemClock, report: rethrow });
  return tracedMonitor.start({ recorder, clock: systemClock, shared: false, report: rethrow });
}

function startMeasuring(): { stop(): Promise<void> } {
  const harness = startHarness();
  const live = startLiveCalls();
  const measured = measureFunctions({ forMs: 600_000 });
  return {
    async stop() {
      // Another request ends the first one.
      await measureFunctions({ forMs: 1 });
      harness.stop();
      live.stop();
      const planned = (await measured).find(({ name }) => name === 'planned');
      assert.ok((planned?.calls ?? 0) > RUNS / 4, `${planned?.calls} calls were measured`);
    },
  };
}
