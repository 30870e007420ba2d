// Native calls that can hold the loop and cannot be looked into: wrapped, so that a stall in one of them is seen there.
import { syncBuiltinESMExports } from 'node:module';
import type { Monitor, MonitorDefinition } from '../../src/instrumentation.js';
import { type Capturing, withCheckpoint } from '../../src/stalls/checkpoint.js';
import { BLOCKING_CALLS } from './calls.js';

/** Creates the monitor; without a word of captures there is nothing to wrap for. */
export function createBlockingCallsMonitor(capturing: Capturing | undefined): MonitorDefinition {
  return {
    name: 'blocking-calls',
    start({ report }): Monitor {
      const undos: (() => void)[] = [];
      if (capturing === undefined) return { stop() {} };
      for (const { holder, names } of BLOCKING_CALLS()) {
        for (const name of names) {
          try {
            undos.push(wrap(holder, name, capturing));
          } catch (error) {
            report('a blocking call could not be wrapped', error);
          }
        }
      }
      syncBuiltinESMExports();
      return {
        stop() {
          for (const undo of undos.splice(0)) undo();
          syncBuiltinESMExports();
        },
      };
    },
  };
}

function wrap(holder: object, name: string, capturing: Capturing): () => void {
  const property = Object.getOwnPropertyDescriptor(holder, name);
  const original: unknown = property?.value;
  if (property === undefined || typeof original !== 'function') return () => {};
  // Frozen intrinsics stay as they are.
  if (property.configurable !== true && property.writable !== true) return () => {};
  const wrapped = withCheckpoint(original as (...args: never[]) => unknown, capturing);
  Object.defineProperty(holder, name, { ...property, value: wrapped });
  return () => {
    // Somebody who wrapped it after us keeps what they have.
    if (Object.getOwnPropertyDescriptor(holder, name)?.value === wrapped) Object.defineProperty(holder, name, property);
  };
}
