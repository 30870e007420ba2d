// How many connections may wait for the process to accept them, by port: what its servers asked the kernel for, and no
// more than the kernel gives. Servers of other threads, and those that listened before the start, are not known.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundObservation } from '../../src/recorder/recorder.js';
import { announceListeningServers, type ListeningMessage, SERVER_LISTENING } from './listening-servers.js';
import { addUpPorts, type PortFigure } from './ports.js';

const MOST = '/proc/sys/net/core/somaxconn';

type ServerWithHandle = Server & { readonly _handle?: { readonly fd?: unknown } | null };

/** Exposes the capacity of the accept queues; nothing where nobody listens, and on another system than Linux. */
export function startAcceptCapacity({ recorder, report }: MonitorContext): Monitor {
  if (process.platform !== 'linux') return { stop() {} };
  const capacities = new Map<Server, PortFigure>();
  let bound = new Map<string, BoundObservation>();
  // An instrument that is created during a collection would miss it; this creates it without a series.
  recorder.observation(METRICS.acceptQueueCapacity).release();

  function onListening(message: unknown): void {
    try {
      const { server, backlog } = message as ListeningMessage;
      const port = portOf(server);
      if (port === undefined) return;
      // The kernel bounds it when the server begins to listen.
      capacities.set(server, { port, connections: Math.min(backlog, mostWaiting()) });
      server.once('close', onClose);
    } catch (error) {
      report('the capacity of an accept queue could not be read', error);
    }
  }

  function onClose(this: Server): void {
    capacities.delete(this);
  }

  const announcing = announceListeningServers(report);
  subscribe(SERVER_LISTENING, onListening);
  const undo = recorder.onCollect(() => {
    const next = new Map<string, BoundObservation>();
    // One that was closed may have connections still.
    const listening = [...capacities].filter(([server]) => server.listening).map(([, figure]) => figure);
    for (const [port, capacity] of addUpPorts(listening)) {
      const series =
        bound.get(port) ?? recorder.observation(METRICS.acceptQueueCapacity, { [ATTRIBUTES.serverPort]: port });
      bound.delete(port);
      next.set(port, series);
      series.set(capacity);
    }
    for (const series of bound.values()) series.release();
    bound = next;
  });

  return {
    stop() {
      undo();
      unsubscribe(SERVER_LISTENING, onListening);
      announcing.stop();
      for (const server of capacities.keys()) server.removeListener('close', onClose);
      capacities.clear();
      for (const series of bound.values()) series.release();
      bound = new Map();
    },
  };
}

// A worker of a cluster has no socket of its own where its parent accepts for it; a path has no port.
function portOf(server: ServerWithHandle): number | undefined {
  const descriptor = server._handle?.fd;
  const address = server.address();
  if (typeof descriptor !== 'number' || descriptor < 0) return undefined;
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

function mostWaiting(): number {
  try {
    const most = Number(readFileSync(MOST, 'utf8'));
    return most > 0 ? most : Number.POSITIVE_INFINITY;
  } catch {
    // Not every sandbox shows it.
    return Number.POSITIVE_INFINITY;
  }
}
