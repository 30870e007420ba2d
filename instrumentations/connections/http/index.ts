// HTTP clients: requests and connections of Node itself, undici and `fetch`, and what waits for a connection.
import type { Monitor, MonitorContext } from '../../../src/instrumentation.js';
import { leave, queueUp, type Turn } from '../../../src/loading/turns.js';
import { watchLibraries } from '../../../src/loading/watch-libraries.js';
import { knownMethods } from '../../http/methods.js';
import { startAgentQueues } from './agent.js';
import { announceClientRequests } from './client-requests.js';
import { createClientSeries } from './client-series.js';
import { startHttp2Client } from './http2-client.js';
import { startNodeClient } from './node-client.js';
import { startOpenConnections } from './open-connections.js';
import { createServerNames, NAMED_QUEUES, NAMED_SERVERS } from './servers.js';
import { startUndici } from './undici.js';
import { undiciLibrary } from './undici-queue.js';

/** Starts recording `http.client.*`, and the queues of agents and pools whose connections are limited. */
export function startHttpClients({ recorder, clock, shared, report }: MonitorContext): Monitor {
  const guarded = (act: () => void) => {
    try {
      act();
    } catch (error) {
      report('an HTTP client request could not be recorded', error);
    }
  };
  const series = createClientSeries(recorder, knownMethods(process.env));
  const connections = startOpenConnections(recorder, clock);
  const client = { series, connections, servers: createServerNames(NAMED_SERVERS), clock, shared, guarded };
  const monitors = [
    startNodeClient(client),
    startUndici(client),
    startHttp2Client(client),
    announceClientRequests(report),
    takeTurns('http.agent', () => startAgentQueues(createServerNames(NAMED_QUEUES), guarded)),
    watchLibraries([undiciLibrary], report),
  ];
  return {
    stop() {
      for (const monitor of monitors.splice(0)) monitor.stop();
      connections.stop();
      series.release();
    },
  };
}

// A queue tells every recorder of its tasks: of several monitors one finds it at a time.
function takeTurns(key: string, start: () => Monitor): Monitor {
  let running: Monitor | undefined;
  const turn: Turn = {
    begin() {
      running = start();
    },
    end() {
      running?.stop();
      running = undefined;
    },
  };
  if (queueUp(key, turn)) turn.begin();
  return { stop: () => leave(key, turn) };
}
