// Replicas of the demo in two versions, each under load, and a Prometheus that scrapes them.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { freePort, type Prometheus, startPrometheus } from '../../test/support/prometheus.js';

/** What is to run: a version of the demo, and the faults that it has. */
export interface ReplicaPlan {
  readonly name: string;
  readonly version: '1' | '2';
  readonly faults: readonly string[];
}

export interface Replicas extends AsyncDisposable {
  readonly prometheus: Prometheus;
  /** Starts a planned replica and load on it; resolves when it has been scraped. */
  start(plan: ReplicaPlan): Promise<void>;
}

const JOB = 'mayhem';
const RATE_PER_S = 15;

/** Starts a Prometheus that waits for `plans`; none of them runs yet. */
export async function startReplicas(
  root: string,
  scrapeIntervalS: number,
  plans: readonly ReplicaPlan[],
): Promise<Replicas> {
  const ports = new Map<ReplicaPlan, number>();
  for (const plan of plans) ports.set(plan, await freePort());
  const prometheus = await startPrometheus(configuration(scrapeIntervalS, ports));
  const children: ChildProcess[] = [];

  function run(file: string, args: readonly string[], execArgv: string[], env: NodeJS.ProcessEnv) {
    const child = fork(join(root, 'dist/demo', file), [...args], {
      execArgv,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    children.push(child);
    return child;
  }

  return {
    prometheus,
    async start(plan) {
      const faults = plan.faults.map((fault) => `--fault=${fault}`);
      const register = pathToFileURL(join(root, 'dist/esm/src/register.js')).href;
      const service = run('main.js', ['--port=0', `--version=${plan.version}`, ...faults], ['--import', register], {
        OTEL_SERVICE_NAME: JOB,
        OTEL_RESOURCE_ATTRIBUTES: `service.version=${plan.version}.0.0`,
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: `${ports.get(plan)}`,
      });
      const url = await addressOf(service);
      run('load.js', [`--url=${url}`, `--rate=${RATE_PER_S}`], [], {}).stdout?.resume();
      await prometheus.waitForNumber(`process_uptime_seconds{instance="${plan.name}"}`);
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

function configuration(scrapeIntervalS: number, ports: ReadonlyMap<ReplicaPlan, number>): string {
  const groups = [...ports].map(
    ([{ name }, port]) => `      - { targets: ["127.0.0.1:${port}"], labels: { instance: ${name} } }`,
  );
  return [
    `global: { scrape_interval: ${scrapeIntervalS}s, scrape_timeout: ${scrapeIntervalS}s }`,
    'scrape_configs:',
    `  - job_name: ${JOB}`,
    '    static_configs:',
    ...groups,
    '',
  ].join('\n');
}

async function addressOf(service: ChildProcess): Promise<string> {
  if (service.stdout === null) throw new Error('The service has no standard output');
  const [line] = await Promise.race([
    once(createInterface({ input: service.stdout }), 'line'),
    once(service, 'exit').then(([code]) => Promise.reject(new Error(`The service ended with exit code ${code}`))),
  ]);
  return String(line).match(/http:\S+/)?.[0] ?? '';
}
