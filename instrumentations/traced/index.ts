// Lets traced functions record: while it runs, its recorder is among those that they write to.
import type { MonitorDefinition } from '../../src/instrumentation.js';
import { addSink } from '../../src/shared-state.js';

/** The monitor behind `loopsight.function.duration` and `loopsight.function.active`; it patches nothing. */
export const tracedMonitor: MonitorDefinition = {
  name: 'traced',
  start: ({ recorder }) => ({ stop: addSink('traced', recorder) }),
};
