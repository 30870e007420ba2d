// The sample service: mayhem, a chaos monkey that restarts hosts.
import type { AddressInfo } from 'node:net';
import { Announcer } from './announcer.js';
import { parseServiceFlags, type ServiceFlags } from './flags.js';
import { History } from './history.js';
import { Hosts } from './hosts.js';
import { HttpApi } from './http-api.js';
import { startHttpServer, stopHttpServer } from './http-server.js';
import { openLog } from './log.js';
import { watchParent } from './parent-watch.js';
import { startPublisher } from './publisher.js';
import { Reports } from './reports.js';
import { RestartQueue } from './restart-queue.js';
import { RestartConsumers } from './restarts.js';
import { Totals } from './totals.js';

/** How long events that wait are still handled, and requests under way still answered, once the service is told to stop. */
const DRAIN_LIMIT_MS = 1000;

function readFlagsOrExit(): ServiceFlags {
  try {
    return parseServiceFlags(process.argv.slice(2));
  } catch (error) {
    return exitWith(2, error);
  }
}

async function run(flags: ServiceFlags): Promise<void> {
  const { faults } = flags;
  const queue = new RestartQueue(faults);
  const history = new History(flags);
  const announcer = new Announcer(faults);
  const consumers = new RestartConsumers({ queue, hosts: new Hosts(faults), history, announcer, faults });
  const reports = new Reports(faults);
  const totals = new Totals(faults);
  const api = new HttpApi({ flags, queue, consumers, history, reports, totals });

  const server = await startHttpServer(api, flags.port, openLog(faults)).catch((error: NodeJS.ErrnoException) =>
    error.code === 'EADDRINUSE'
      ? exitWith(1, new Error(`Port ${flags.port} is in use; choose another one with --port`))
      : Promise.reject(error),
  );
  consumers.start();
  const publisher = startPublisher(queue, totals, faults);
  const { port } = server.address() as AddressInfo;
  console.log(`mayhem ${flags.version}.0.0 listens on http://127.0.0.1:${port}`);

  let stopping = false;
  async function stop(): Promise<void> {
    // A terminal's Ctrl-C and the start script's signal arrive one after the other.
    if (stopping) return;
    stopping = true;
    publisher.stop();
    await Promise.all([consumers.drain(DRAIN_LIMIT_MS), stopHttpServer(server, DRAIN_LIMIT_MS)]);
    announcer.stop();
    await reports.close();
    console.log(`mayhem stopped; ${queue.depth} restarts were left`);
    process.exit(0);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  watchParent(stop);
}

function exitWith(code: number, error: unknown): never {
  console.error(`mayhem: ${error instanceof Error ? error.message : String(error)}.`);
  process.exit(code);
}

await run(readFlagsOrExit());
