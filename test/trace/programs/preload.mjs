// Traces what ENTRIES names, as `loopsight/register` does for LOOPSIGHT_TRACE, and says at the end which functions were
// called: how often, and how long in milliseconds.

import { systemClock } from '../../../dist/esm/src/clock.js';
import { SeriesTable } from '../../../dist/esm/src/prometheus/snapshot.js';
import { createStore } from '../../../dist/esm/src/recorder/store.js';
import { addSink, sharedState } from '../../../dist/esm/src/shared-state.js';
import { startTrace } from '../../../dist/esm/src/trace-patterns/start-trace.js';

const store = createStore({
  clock: systemClock,
  report: (error) => {
    throw error;
  },
});
addSink('traced', store);
const entries = (process.env.ENTRIES ?? '').split(';').filter((entry) => entry !== '');
const begin = () => startTrace({ trace: entries, log: process.env.QUIET === undefined });
let tracing = begin();
globalThis.stopTracing = () => tracing.stop();
globalThis.traceAgain = () => {
  tracing = begin();
};

process.on('exit', () => {
  const reader = store.open();
  const table = new SeriesTable();
  table.apply(reader.read());
  const calls = {};
  const family = [...table.families.values()].find(({ family: { name } }) => name === 'loopsight.function.duration');
  for (const { attributes, offset } of family?.series.values() ?? []) {
    const { 'code.function.name': name, 'error.type': error } = Object.fromEntries(attributes);
    const end = offset + family.family.bounds.length + 1;
    const count = table.values.subarray(offset, end).reduce((sum, one) => sum + one, 0);
    calls[error === undefined ? name : `${name} ${error}`] = { count, ms: table.values[end] * 1000 };
  }
  const { count, causes } = sharedState().failures;
  console.log(`CALLS ${JSON.stringify({ calls, failures: count, causes: [...causes] })}`);
});
