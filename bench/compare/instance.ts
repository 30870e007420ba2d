// One instance of the sample service, instrumented and under a load of its own.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { environment } from '../support/program.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const START_LIMIT_MS = 30_000;

/** A running instance. */
export interface Instance {
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts an instance of a version and waits until its metrics can be read. Rejects when they cannot within half a minute. */
export async function startInstance(version: number, requestsPerS: number): Promise<Instance> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  const service = start('main.js', ['--port', `${port}`, '--version', `${version}`], {
    execArgv: ['--import', pathToFileURL(join(root, 'dist/esm/src/register.js')).href],
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: `${metricsPort}`, LOOPSIGHT_LOG: 'off' },
  });
  const endMs = performance.now() + START_LIMIT_MS;
  while (!(await answers(metricsUrl)) || !(await answers(`http://127.0.0.1:${port}/healthz`))) {
    if (performance.now() > endMs)
      throw new Error(`The sample service did not answer within ${START_LIMIT_MS / 1000} s`);
    await wait(100);
  }
  const load = start('load.js', ['--url', `http://127.0.0.1:${port}`, '--rate', `${requestsPerS}`], {});
  return {
    metricsUrl,
    async stop() {
      for (const child of [load, service]) {
        const ended = once(child, 'exit');
        if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
        running.delete(child);
      }
    },
  };
}

/** Reads `url`. Rejects when the answer is not 200. */
export async function readText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

function start(
  file: string,
  args: readonly string[],
  options: { execArgv?: string[]; env?: NodeJS.ProcessEnv },
): ChildProcess {
  const child = fork(join(root, 'dist/demo', file), [...args], {
    cwd: root,
    execArgv: options.execArgv ?? [],
    env: { ...environment(), ...options.env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  running.add(child);
  return child;
}

async function answers(url: string): Promise<boolean> {
  return readText(url).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('Expected a port');
  return address.port;
}
