// The demo in two versions, each under load, scraped every second by a Prometheus with our rules and by one without.
import { join } from 'node:path';
import { METRIC_SETS } from '../../grafana/sets.js';
import { root } from '../support/instrumented.js';
import { freePort, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { createDemoProcesses, type RunningDemo } from './demo-processes.js';
import { startParts } from './parts.js';
import { writeRules } from './written-rules.js';

export const JOB = 'mayhem';

export interface Replica extends RunningDemo {
  readonly version: string;
  /** What Prometheus calls it. */
  readonly instance: string;
}

export interface Stack extends AsyncDisposable {
  /** With the recording rules. */
  readonly prometheus: Prometheus;
  /** Without them. */
  readonly plain: Prometheus;
  /** Starts the service, with the faults that are given, and load on it. */
  start(version: '1' | '2', faults: readonly string[]): Promise<Replica>;
}

/** Two Prometheus that wait for both versions; neither runs yet. */
export function startStack(): Promise<Stack> {
  return startParts(async (parts) => {
    const ports = { '1': await freePort(), '2': await freePort() };
    const targets = Object.values(ports).map((port) => `"127.0.0.1:${port}"`);
    const configuration = (ruleFiles: readonly string[]) =>
      [
        'global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }',
        `rule_files: ${JSON.stringify(ruleFiles)}`,
        'scrape_configs:',
        `  - job_name: ${JOB}`,
        `    static_configs: [{ targets: [${targets.join(', ')}] }]`,
        '',
      ].join('\n');
    const rules = parts.add(writeRules([{ set: METRIC_SETS.loopsight, job: JOB }]));
    const prometheus = parts.add(await startPrometheus(configuration(rules.files)));
    const plain = parts.add(await startPrometheus(configuration([])));
    const processes = parts.add(createDemoProcesses());
    return {
      prometheus,
      plain,
      async start(version, faults) {
        const running = await processes.start({
          version,
          faults,
          preloaded: join(root, 'dist/esm/src/register.js'),
          env: {
            OTEL_SERVICE_NAME: JOB,
            OTEL_RESOURCE_ATTRIBUTES: `service.version=${version}.0.0,deployment.id=deployment-${version}`,
            OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
            OTEL_EXPORTER_PROMETHEUS_PORT: `${ports[version]}`,
            LOOPSIGHT_PROFILE: 'on',
          },
        });
        return { version: `${version}.0.0`, instance: `127.0.0.1:${ports[version]}`, ...running };
      },
      [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
    };
  });
}
