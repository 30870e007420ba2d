// Replicas of the demo as a cluster runs them: a deploy replaces them one by one, and Prometheus is told of each.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { registerEsm, root } from '../support/instrumented.js';
import { freePort, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { startLoad } from './load.js';

/** The job of the replicas. */
export const JOB = 'mayhem';
export const SCRAPE_INTERVAL_S = 1;

/** What is deployed. */
export interface Release {
  /** Told as `deployment.id`, and in the names of its replicas. */
  readonly deployment: string;
  readonly version: '1' | '2';
  readonly faults: readonly string[];
}

/** What became of a deploy, times in seconds since 1970. */
export interface Deployed {
  /** When the first of its replicas was started. */
  readonly fromS: number;
  /** When Prometheus had seen that one. */
  readonly seenS: number;
  /** When the last replica before it was gone. */
  readonly toS: number;
}

export interface Fleet extends AsyncDisposable {
  readonly prometheus: Prometheus;
  /**
   * Starts replicas of `release` one by one in the places from `from` until before `to`, by default all: waits until
   * Prometheus has scraped each, and stops the one that it replaces.
   */
  deploy(release: Release, from?: number, to?: number): Promise<Deployed>;
}

interface Replica {
  readonly instance: string;
  readonly target: string;
  stop(): Promise<void>;
}

/** A Prometheus with `rules`, and places for `size` replicas, of which none runs yet. */
export async function startFleet(size: number, rules: ReadonlyMap<string, string>): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-fleet-'));
  const targets = join(folder, 'targets.json');
  const children: ChildProcess[] = [];
  const loads: { stop(): void }[] = [];
  const replicas: (Replica | undefined)[] = Array.from({ length: size });
  const further: Replica[] = [];

  function announce(): void {
    const all = [...replicas, ...further].filter((replica) => replica !== undefined);
    const groups = all.map(({ instance, target }) => ({ targets: [target], labels: { instance } }));
    writeFileSync(`${targets}.new`, JSON.stringify(groups));
    // Prometheus must never read half of it.
    renameSync(`${targets}.new`, targets);
  }

  announce();
  for (const [name, text] of rules) writeFileSync(join(folder, name), text);
  const prometheus = await startPrometheus(
    configuration(
      targets,
      [...rules.keys()].map((name) => join(folder, name)),
    ),
  );

  async function start(release: Release, instance: string): Promise<Replica> {
    const port = await freePort();
    const service = run(
      children,
      'main.js',
      ['--port=0', `--version=${release.version}`, ...release.faults.map((fault) => `--fault=${fault}`)],
      {
        OTEL_SERVICE_NAME: JOB,
        OTEL_RESOURCE_ATTRIBUTES: `service.version=${release.version}.0.0,deployment.id=${release.deployment}`,
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: `${port}`,
      },
    );
    const url = await addressOf(service);
    const load = startLoad(url);
    loads.push(load);
    return {
      instance,
      target: `127.0.0.1:${port}`,
      async stop() {
        load.stop();
        await end(service, 'SIGTERM');
      },
    };
  }

  return {
    prometheus,
    async deploy(release, from = 0, to = size) {
      const fromS = Date.now() / 1000;
      let seenS: number | undefined;
      for (let place = from; place < to; place++) {
        const old = replicas[place];
        const replica = await start(release, `${JOB}-${release.deployment}-${place + 1}`);
        replicas[place] = replica;
        if (old !== undefined) further.push(old);
        announce();
        await prometheus.waitForNumber(`process_uptime_seconds{instance="${replica.instance}"}`);
        seenS ??= Date.now() / 1000;
        if (old === undefined) continue;
        // A cluster takes a replica from its list before it ends it, so that its end is no failed scrape.
        further.length = 0;
        announce();
        await old.stop();
      }
      return { fromS, seenS: seenS ?? Number.NaN, toS: Date.now() / 1000 };
    },
    async [Symbol.asyncDispose]() {
      for (const load of loads) load.stop();
      for (const child of children.reverse()) await end(child, 'SIGKILL');
      await prometheus[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(targets: string, ruleFiles: readonly string[]): string {
  const every = `${SCRAPE_INTERVAL_S}s`;
  return [
    `global: { scrape_interval: ${every}, scrape_timeout: ${every}, evaluation_interval: ${every} }`,
    `rule_files: ${JSON.stringify(ruleFiles)}`,
    'scrape_configs:',
    `  - job_name: ${JOB}`,
    `    file_sd_configs: [{ files: [${JSON.stringify(targets)}] }]`,
    '',
  ].join('\n');
}

function run(children: ChildProcess[], file: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess {
  const child = fork(join(root, 'dist/demo', file), [...args], {
    execArgv: env === undefined ? [] : ['--import', pathToFileURL(registerEsm).href],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  children.push(child);
  return child;
}

async function addressOf(service: ChildProcess): Promise<string> {
  if (service.stdout === null) throw new Error('The service has no standard output');
  const [line] = await Promise.race([
    once(createInterface({ input: service.stdout }), 'line'),
    once(service, 'exit').then(([code]) => Promise.reject(new Error(`The service ended with exit code ${code}`))),
  ]);
  return String(line).match(/http:\S+/)?.[0] ?? '';
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}
