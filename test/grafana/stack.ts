// The demo in two versions, each under load, scraped by Prometheus every second.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { root } from '../support/instrumented.js';
import { freePort, type Prometheus, startPrometheus } from '../support/prometheus.js';

export const JOB = 'mayhem';

export interface Replica {
  readonly version: string;
  /** What Prometheus calls it. */
  readonly instance: string;
  /** Address of the service itself. */
  readonly url: string;
}

export interface Stack extends AsyncDisposable {
  readonly prometheus: Prometheus;
  /** Starts the service, with the faults that are given, and load on it. */
  start(version: '1' | '2', faults: readonly string[]): Promise<Replica>;
}

const RATE_PER_S = 15;

/** Prometheus, which waits for both versions; neither runs yet. */
export async function startStack(): Promise<Stack> {
  const ports = { '1': await freePort(), '2': await freePort() };
  const targets = Object.values(ports).map((port) => `"127.0.0.1:${port}"`);
  const prometheus = await startPrometheus(
    [
      'global: { scrape_interval: 1s, scrape_timeout: 1s }',
      'scrape_configs:',
      `  - job_name: ${JOB}`,
      `    static_configs: [{ targets: [${targets.join(', ')}] }]`,
      '',
    ].join('\n'),
  );
  const children: ChildProcess[] = [];

  function run(file: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv; execArgv: string[] }) {
    const child = fork(join(root, 'dist/demo', file), [...args], {
      ...options,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    children.push(child);
    return child;
  }

  return {
    prometheus,
    async start(version, faults) {
      const service = run(
        'main.js',
        ['--port=0', `--version=${version}`, ...faults.map((fault) => `--fault=${fault}`)],
        {
          execArgv: ['--import', pathToFileURL(join(root, 'dist/esm/src/register.js')).href],
          env: {
            ...process.env,
            OTEL_SERVICE_NAME: JOB,
            OTEL_RESOURCE_ATTRIBUTES: `service.version=${version}.0.0`,
            OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
            OTEL_EXPORTER_PROMETHEUS_PORT: `${ports[version]}`,
          },
        },
      );
      if (service.stdout === null) throw new Error('The service has no standard output');
      const [line] = await Promise.race([
        once(createInterface({ input: service.stdout }), 'line'),
        once(service, 'exit').then(([code]) => Promise.reject(new Error(`The service ended with exit code ${code}`))),
      ]);
      const url = String(line).match(/http:\S+/)?.[0] ?? '';
      run('load.js', [`--url=${url}`, `--rate=${RATE_PER_S}`], { execArgv: [] });
      return { version: `${version}.0.0`, instance: `127.0.0.1:${ports[version]}`, url };
    },
    async [Symbol.asyncDispose]() {
      for (const child of children.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await prometheus[Symbol.asyncDispose]();
    },
  };
}
