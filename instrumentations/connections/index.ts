// Connections: the pools of database clients, HTTP clients, and the connections that wait to be accepted.
import type { Monitor, MonitorContext, MonitorDefinition } from '../../src/instrumentation.js';
import { watchLibraries } from '../../src/loading/watch-libraries.js';
import { startAcceptCapacity } from './accept-capacity.js';
import { startAcceptQueueForMeter } from './accept-queue.js';
import { endClientQueues } from './db/client-queue.js';
import { endPools } from './db/found-pool.js';
import { startPools } from './db/index.js';
import { startHttpClients } from './http/index.js';
import { CONNECTION_LIBRARIES } from './libraries.js';

const PARTS = [
  startPools,
  startDatabaseLibraries,
  startHttpClients,
  startAcceptQueueForMeter,
  startAcceptCapacity,
] as const;

/** Records the connections of the process; those of before its start are found when they are used. */
export const connectionsMonitor: MonitorDefinition = {
  name: 'connections',
  start(context) {
    const parts: Monitor[] = [];
    for (const start of PARTS) {
      try {
        parts.push(start(context));
      } catch (error) {
        context.report('a part of the connections instrumentation could not start', error);
      }
    }
    return {
      stop() {
        for (const part of parts.splice(0).reverse()) part.stop();
      },
    };
  },
};

// Libraries are patched once, for all recorders; what was found by that leaves with the last of them.
let watching: Monitor | undefined;
let users = 0;

function startDatabaseLibraries({ report }: MonitorContext): Monitor {
  watching ??= watchLibraries(CONNECTION_LIBRARIES, report);
  users++;
  return {
    stop() {
      if (--users > 0) return;
      watching?.stop();
      watching = undefined;
      endPools();
      endClientQueues();
    },
  };
}
