// Connections that wait for the process to accept them, by port: what arrives while the loop is blocked. Linux alone
// tells it, and from every thread, so that the observer shows it meanwhile.
import { readFileSync } from 'node:fs';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundObservation } from '../../src/recorder/recorder.js';
import { createOwnSockets, type ListeningRow, readListeningRows } from './listening-sockets.js';
import { addUpPorts } from './ports.js';

export interface AcceptQueueOptions {
  /** The port of our own endpoint, which is left out. */
  readonly ownPort?: () => number | undefined;
}

const NETSTAT = '/proc/self/net/netstat';
/** Figures this young are shown again: the kernel lists every connection of the machine or container. */
const READ_EVERY_MS = 1000;

/** Exposes how many connections wait at each port on which the process listens; nothing where it listens on none. */
export function startAcceptQueue(
  { recorder, clock }: MonitorContext,
  { ownPort = () => undefined }: AcceptQueueOptions = {},
): Monitor {
  if (process.platform !== 'linux') return { stop() {} };
  const sockets = createOwnSockets();
  // An instrument that is created during a collection would miss it; this creates them without a series.
  for (const metric of [METRICS.acceptQueueDepth, METRICS.acceptQueueOverflows]) recorder.observation(metric).release();
  let bound = new Map<string, BoundObservation>();
  let overflows: BoundObservation | undefined;

  let rows: readonly ListeningRow[] = [];
  let overflowed = Number.NaN;
  let readMs = Number.NEGATIVE_INFINITY;

  function read(): void {
    const nowMs = clock.monotonicMs();
    if (nowMs - readMs < READ_EVERY_MS) return;
    readMs = nowMs;
    const served = ownPort();
    rows = sockets.of(readListeningRows(), nowMs).filter(({ port }) => port !== served);
    overflowed = countOverflows();
  }

  const undo = recorder.onCollect(() => {
    read();
    const next = new Map<string, BoundObservation>();
    for (const [port, waiting] of addUpPorts(rows.map(({ port, waiting }) => ({ port, connections: waiting })))) {
      const series =
        bound.get(port) ?? recorder.observation(METRICS.acceptQueueDepth, { [ATTRIBUTES.serverPort]: port });
      bound.delete(port);
      next.set(port, series);
      series.set(waiting);
    }
    for (const series of bound.values()) series.release();
    bound = next;
    if (rows.length > 0) overflows ??= recorder.observation(METRICS.acceptQueueOverflows);
    overflows?.set(overflowed);
  });

  return {
    stop() {
      undo();
      for (const series of bound.values()) series.release();
      bound = new Map();
      overflows?.release();
      overflows = undefined;
    },
  };
}

/** Starts it on this thread for an application's own Meter, which nobody else tells of these connections. */
export function startAcceptQueueForMeter(context: MonitorContext): Monitor {
  return context.shared ? startAcceptQueue(context) : { stop() {} };
}

function countOverflows(): number {
  try {
    return overflowsIn(readFileSync(NETSTAT, 'utf8'));
  } catch {
    return Number.NaN;
  }
}

/** `ListenOverflows` in the text of `/proc/self/net/netstat`: a line of names and one of numbers; NaN where it has none. */
export function overflowsIn(netstat: string): number {
  const [names = [], values = []] = netstat
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  const index = names.indexOf('ListenOverflows');
  return index === -1 ? Number.NaN : Number(values[index] ?? Number.NaN);
}
