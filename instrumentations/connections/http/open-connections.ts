// Connections to other servers, while they are open and when they end.
import type { EventEmitter } from 'node:events';
import type { Clock } from '../../../src/clock.js';
import { ATTRIBUTES, METRICS } from '../../../src/metric-names.js';
import type { BoundHistogram, BoundObservation, Recorder } from '../../../src/recorder/recorder.js';
import type { Server } from './servers.js';

/** A socket, as far as it is looked at. */
export type ClientSocket = EventEmitter & { readonly connecting?: boolean; readonly destroyed?: boolean };

/** One connection. */
export interface Connection {
  readonly server: Server;
  /** Requests that use it. */
  requests: number;
  /** When it was established, in milliseconds; NaN until then. */
  establishedMs: number;
}

/** The connections of one monitor. */
export interface OpenConnections {
  /** The connection of `socket`, from its first use on. */
  of(socket: ClientSocket, server: Server): Connection;
  /** Forgets all connections, takes the listeners off them and releases the series. */
  stop(): void;
}

interface ServerSeries {
  readonly active: BoundObservation;
  readonly idle: BoundObservation;
  readonly duration: BoundHistogram;
}

/** Starts without a connection. */
export function startOpenConnections(recorder: Recorder, clock: Clock): OpenConnections {
  const connections = new Map<ClientSocket, Connection>();
  const series = new Map<Server, ServerSeries>();
  // An instrument that is created during a collection would miss it; this creates it without a series.
  recorder.observation(METRICS.httpClientOpenConnections).release();

  function seriesOf(server: Server): ServerSeries {
    let known = series.get(server);
    if (known === undefined) {
      const { attributes } = server;
      const open = (state: string) =>
        recorder.observation(METRICS.httpClientOpenConnections, {
          ...attributes,
          [ATTRIBUTES.httpConnectionState]: state,
        });
      const duration = recorder.histogram(METRICS.httpClientConnectionDuration, attributes);
      known = { active: open('active'), idle: open('idle'), duration };
      series.set(server, known);
    }
    return known;
  }

  function onConnect(this: ClientSocket): void {
    const connection = connections.get(this);
    if (connection !== undefined) connection.establishedMs = clock.monotonicMs();
  }

  function onClose(this: ClientSocket): void {
    const connection = connections.get(this);
    if (connection === undefined) return;
    connections.delete(this);
    const lastedMs = clock.monotonicMs() - connection.establishedMs;
    if (!Number.isNaN(lastedMs)) seriesOf(connection.server).duration.record(lastedMs / 1000);
  }

  const undo = recorder.onCollect(() => {
    const counts = new Map<Server, { active: number; idle: number }>();
    for (const server of series.keys()) counts.set(server, { active: 0, idle: 0 });
    for (const { server, requests, establishedMs } of connections.values()) {
      if (Number.isNaN(establishedMs)) continue;
      seriesOf(server);
      const count = counts.get(server) ?? { active: 0, idle: 0 };
      count[requests > 0 ? 'active' : 'idle']++;
      counts.set(server, count);
    }
    for (const [server, { active, idle }] of counts) {
      const bound = seriesOf(server);
      bound.active.set(active);
      bound.idle.set(idle);
    }
  });

  return {
    of(socket, server) {
      let connection = connections.get(socket);
      if (connection === undefined) {
        const isOpen = socket.connecting !== true;
        connection = { server, requests: 0, establishedMs: isOpen ? clock.monotonicMs() : Number.NaN };
        if (socket.destroyed === true) return connection;
        connections.set(socket, connection);
        if (!isOpen) socket.once('connect', onConnect);
        socket.once('close', onClose);
      }
      return connection;
    },
    stop() {
      undo();
      for (const socket of connections.keys()) {
        socket.removeListener('connect', onConnect);
        socket.removeListener('close', onClose);
      }
      connections.clear();
      for (const { active, idle, duration } of series.values()) {
        active.release();
        idle.release();
        duration.release();
      }
      series.clear();
    },
  };
}
