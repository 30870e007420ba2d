// The monitor of locks with a recorder of its own, and what it shows of one name.
import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import { createLocksMonitor, type LocksOptions } from '../../instrumentations/locks/index.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

export const libraries = createRequire(new URL('../libraries/package.json', import.meta.url));

export function setUp(t: TestContext, options: LocksOptions = {}) {
  const store = createStore({ clock: systemClock, report: rethrow });
  const definition = createLocksMonitor(options);
  const start = () => definition.start({ recorder: store, clock: systemClock, shared: false, report: rethrow });
  const monitor = start();
  t.after(() => monitor.stop());
  const values = () => readStore(store);
  const read = (name: string) => {
    const all = values();
    const seriesOf = (metric: string) => all[`loopsight.lock.${metric}{lock.name=${name}}`];
    return {
      waiters: seriesOf('waiters'),
      longestHold: seriesOf('longest_hold'),
      waits: seriesOf('wait.duration.count'),
      waited: seriesOf('wait.duration.sum') ?? Number.NaN,
      holds: seriesOf('hold.duration.count'),
      held: seriesOf('hold.duration.sum') ?? Number.NaN,
    };
  };
  /** How many likely deadlocks, and long holds, have been counted. */
  const told = () => {
    const all = values();
    const sumOf = (metric: string) =>
      Object.entries(all).reduce((sum, [key, value]) => (key.startsWith(metric) ? sum + value : sum), 0);
    return { deadlocks: sumOf('loopsight.lock.deadlocks'), longHolds: sumOf('loopsight.lock.long_holds') };
  };
  return { store, monitor, start, values, read, told };
}
