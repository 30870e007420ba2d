// What writing a log costs the loop of a service whose reader is slow at times, by how the log is written.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { environment, isQuick } from './support/program.js';
import { quantile } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

/** What is run by a shell, with `$0` for Node and Loopsight; the first line of standard error tells its port. */
interface Service {
  readonly title: string;
  readonly script: string;
}

// A pipe as a shell or a container makes it; Node would make a socket.
const logger = (kind: string): string =>
  `$0 bench/programs/logging.mjs ${kind} | "$NODE" bench/programs/slow-reader.mjs`;

const LOGGERS = {
  write: { title: 'fs.writeSync(1, …)', script: logger('write') },
  synchronous: { title: 'pino.destination({ sync: true })', script: logger('synchronous') },
  console: { title: 'console.log', script: logger('console') },
  pino: { title: 'pino, as it is', script: logger('pino') },
  thread: { title: 'pino.transport(): a worker thread', script: logger('thread') },
} as const;

const DEMO = {
  before: {
    title: 'the demo with its fault blocking-log',
    script: '$0 dist/demo/main.js --port 0 --fault blocking-log >&2',
  },
  after: { title: 'the demo, which writes in the background', script: '$0 dist/demo/main.js --port 0 >&2' },
} as const;

const REQUESTS_PER_SECOND = 50;
const SECONDS = isQuick ? 4 : 8;
/** Seconds of each second that the main thread may spend in writes. */
const GOAL = 0.01;

interface Outcome {
  readonly writing: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
});

async function measure({ script }: Service): Promise<Outcome> {
  const port = await freePort();
  const child = spawn('sh', ['-c', script.replace('$0', '"$NODE" --import loopsight/register')], {
    env: {
      ...environment(),
      NODE: process.execPath,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      LOOPSIGHT_LOG: 'off',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  running.add(child);
  const agent = new Agent({ keepAlive: true });
  try {
    const [line] = await once(createInterface({ input: child.stderr }), 'line');
    const service = Number(/:(\d+)\D*$/.exec(String(line))?.[1]);
    const tookMs: number[] = [];
    // Warm, and past the moment from which on calls are counted.
    for (let count = 0; count < 20; count++) await request(service, agent);
    const before = await scrapeSoon(port);
    const beginMs = performance.now();
    const pending: Promise<unknown>[] = [];
    for (let number = 0; number < SECONDS * REQUESTS_PER_SECOND; number++) {
      const dueMs = beginMs + (number * 1000) / REQUESTS_PER_SECOND;
      await delay(Math.max(0, dueMs - performance.now()));
      pending.push(request(service, agent).then(() => tookMs.push(performance.now() - dueMs)));
    }
    await Promise.all(pending);
    const seconds = (performance.now() - beginMs) / 1000;
    const writing = (blockedBy(await scrape(port)) - blockedBy(before)) / seconds;
    return { writing, p99Ms: quantile(tookMs, 0.99), longestMs: Math.max(...tookMs) };
  } finally {
    agent.destroy();
    running.delete(child);
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }
}

// pino sleeps in Atomics.wait between the attempts to write to a full pipe.
const WRITES = ['loopsight_stdio_write_time_seconds_total{', 'loopsight_blocking_call_time_seconds_total{'];
const blockedBy = (text: string): number =>
  text
    .split('\n')
    .filter((line) => WRITES.some((name) => line.startsWith(name)))
    .filter((line) => line.includes('stdio_stream=') || /"(?:Atomics\.wait|fs\.writeSync)"/.test(line))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

const scrape = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

// The endpoint opens beside the program, a moment later.
async function scrapeSoon(port: number): Promise<string> {
  for (const endMs = performance.now() + 10_000; ; await delay(50)) {
    try {
      return await scrape(port);
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
  }
}

function request(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
}

async function measureAll<K extends string>(services: Readonly<Record<K, Service>>): Promise<Record<K, Outcome>> {
  const outcomes: [string, Outcome][] = [];
  for (const [name, service] of Object.entries<Service>(services)) outcomes.push([name, await measure(service)]);
  printTable(
    ['', 's/s in writes, waits', 'p99 of requests, ms', 'longest, ms'],
    outcomes.map(([name, { writing, p99Ms, longestMs }]) => [
      services[name as K].title,
      fixed(writing, 4),
      fixed(p99Ms),
      fixed(longestMs),
    ]),
  );
  return Object.fromEntries(outcomes) as Record<K, Outcome>;
}

function printChange(before: Outcome, after: Outcome): void {
  const figures = `${fixed(before.writing, 4)} before, ${fixed(after.writing, 4)} after`;
  printGoal(`at most ${GOAL} s a second in writes after the change`, figures, after.writing <= GOAL);
}

printHeading(`The demo, at ${REQUESTS_PER_SECOND} requests a second`);
const demo = await measureAll(DEMO);
printChange(demo.before, demo.after);

printHeading(
  `${REQUESTS_PER_SECOND} requests a second that log 20 lines of 1 kB each, to a reader that pauses for 0.3 s of each second`,
);
if (existsSync(join(process.cwd(), 'test/libraries/node_modules/pino'))) {
  const loggers = await measureAll(LOGGERS);
  printChange(loggers.write, loggers.thread);
} else {
  console.log('  not measured: install the libraries of test/libraries first');
}
