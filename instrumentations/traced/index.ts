// Lets traced functions record: while it runs, its recorder is among those that they write to.
import type { MonitorDefinition } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { FunctionTimeMode } from '../../src/options.js';
import type { BoundSum } from '../../src/recorder/recorder.js';
import { addSink } from '../../src/shared-state.js';
import { scheduleOf } from './time/schedule.js';

export interface TracedMonitorOptions {
  /** How it is found out where the time of the calls goes. @default 'on' */
  readonly functionTime?: FunctionTimeMode;
}

/** Creates the monitor behind the metrics of traced functions; it patches nothing. */
export function createTracedMonitor({ functionTime = 'on' }: TracedMonitorOptions = {}): MonitorDefinition {
  return {
    name: 'traced',
    start({ recorder, clock, report }) {
      const undoSink = addSink('traced', recorder);
      if (functionTime === 'off') return { stop: undoSink };
      const schedule = scheduleOf({ clock, report });
      const undoUse = schedule.use(functionTime === 'on' ? 'sampled' : 'on-demand');
      let overhead: BoundSum | undefined;
      let toldMs = schedule.costMs;
      const undoCollect = recorder.onCollect(() => {
        const addedMs = schedule.costMs - toldMs;
        if (addedMs <= 0) return;
        toldMs = schedule.costMs;
        overhead ??= recorder.sum(METRICS.selfOverheadTime, { [ATTRIBUTES.selfPart]: 'function_time' });
        overhead.add(addedMs / 1000);
      });
      return {
        stop() {
          undoCollect();
          overhead?.release();
          undoUse();
          undoSink();
        },
      };
    },
  };
}

/** The same with its defaults. */
export const tracedMonitor: MonitorDefinition = createTracedMonitor();
