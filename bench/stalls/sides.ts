// What is compared: a bare process, ours, and two peers that also name what blocks a loop.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PRELOAD_NAMES, PRELOADS, type Preload, type Program, startProgram } from '../support/program.js';

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  readonly preload: Preload;
  readonly env?: Readonly<Record<string, string>>;
}

/** All sides; those of peers that cannot be had here are left out. */
export interface Sides {
  readonly bare: Side;
  /** A second bare one tells how much two equal processes differ. */
  readonly bareAgain: Side;
  readonly timer: Side;
  readonly ours: Side;
  readonly withoutBlame: Side;
  /** Ours without anything that looks at the loop; what is left are the other instrumentations and the endpoint. */
  readonly withoutWatch: Side;
  readonly peers: readonly Side[];
  /** Sentry's with its own threshold of a second, which needs fewer turns. */
  readonly slowPeers: readonly Side[];
}

/** Where Sentry's integration sends what it has; nothing leaves the machine. */
export interface Sink {
  readonly port: number;
  received(): number;
  close(): void;
}

/** Starts a program on this side. */
export function startSide(
  { preload, env = {} }: Side,
  name: string,
  execArgv: readonly string[] = [],
): Promise<Program> {
  return startProgram(name, { execArgv: [...execArgv, ...PRELOADS[preload]], env });
}

/** Finds out which peers can be had; says which cannot. */
export async function availableSides(sinkPort: number): Promise<Sides> {
  const quiet = { LOOPSIGHT_LOG: 'off' };
  const sentry = (thresholdMs: number): Side => ({
    name: `${PRELOAD_NAMES.sentry}, ${thresholdMs} ms`,
    preload: 'sentry',
    env: { BENCH_SINK_PORT: `${sinkPort}`, BENCH_THRESHOLD_MS: `${thresholdMs}`, no_proxy: '127.0.0.1' },
  });
  const peers = [sentry(100), { name: PRELOAD_NAMES['blocked-at'], preload: 'blocked-at' } as const];
  const available: Side[] = [];
  for (const side of peers) {
    try {
      await (await startSide(side, 'server')).stop();
      available.push(side);
    } catch {
      console.log(`\n${side.name} cannot be had here and is left out.`);
    }
  }
  return {
    bare: { name: PRELOAD_NAMES.bare, preload: 'bare' },
    bareAgain: { name: 'bare again (A/A)', preload: 'bare' },
    timer: { name: PRELOAD_NAMES.timer, preload: 'timer' },
    ours: { name: PRELOAD_NAMES.loopsight, preload: 'loopsight', env: quiet },
    withoutBlame: { name: '  LOOPSIGHT_BLAME=off', preload: 'loopsight', env: { ...quiet, LOOPSIGHT_BLAME: 'off' } },
    withoutWatch: {
      name: '  LOOPSIGHT_EVENT_LOOP=off',
      preload: 'loopsight',
      env: { ...quiet, LOOPSIGHT_EVENT_LOOP: 'off' },
    },
    peers: available,
    slowPeers: available.some(({ preload }) => preload === 'sentry') ? [sentry(1000)] : [],
  };
}

/** Starts a server that swallows everything. */
export async function startSink(): Promise<Sink> {
  let received = 0;
  const server = createServer((request, response) => {
    received++;
    request.resume();
    request.on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    received: () => received,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
