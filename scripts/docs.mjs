// Writes docs/metrics.md and docs/configuration.md from the code; with --check only says whether they are current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

setUp();
const { METRICS } = await import('../dist/esm/src/metric-names.js');
const { INSTRUMENTATION_NAMES, OPTIONS, switchVariable } = await import('../dist/esm/src/options.js');
const { prometheusName } = await import('../dist/esm/src/prometheus/naming.js');

const cell = (text) => text.replaceAll('|', '\\|');
const code = (text) => (text === undefined || text === '' ? '' : `\`${text}\``);
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

function metricsPage() {
  const rows = Object.values(METRICS).map((metric) => [
    code(metric.name),
    code(prometheusName(metric)),
    code(metric.unit),
    metric.kind,
    metric.attributes.map(code).join(', '),
    metric.description,
    metric.stability,
  ]);
  return `# Metrics

Generated from \`src/metric-names.ts\` by \`npm run docs\`.

Names that the semantic conventions define are used as they are; all others begin with \`loopsight.\`. Prometheus names
follow the OpenTelemetry compatibility specification. With \`loopsight/register\` every series carries
\`service_version\`, and \`target_info\` the rest of the resource. Buckets of latency histograms: 1, 2.5, 5, 10, 25, 50,
100, 250, 500 ms, 1, 2.5, 5, 10, 30 s.

Stable names never change. Experimental ones may in a minor version, with a note in the changelog.

${table(['OpenTelemetry', 'Prometheus', 'unit', 'kind', 'attributes', 'meaning', 'stability'], rows)}

## Reading lag

Lag is what a callback that arrives at a random moment waits. Probes are due at exponential intervals, 50 ms in the mean,
and one callback that serves several missed probes records the wait of each, so \`_count\` counts virtual arrivals,
\`_sum / _count\` is the mean wait of an arrival, and a quantile is the quantile that arrivals see:

\`\`\`promql
histogram_quantile(0.99, sum by (le, service_version) (rate(loopsight_eventloop_lag_seconds_bucket[5m])))
\`\`\`

## Worker threads

Lag and blocking of workers are read from shared memory: fresh while a worker or the main thread is blocked, and totals
stay when a worker has ended. Threads that share a name add up, ended ones included; of \`blocked\` the longest counts.
Workers of workers are covered too, under the name \`worker\` before Node 22.20 and 24.6, which do not tell it.

A worker has lag where \`loopsight/register\` is loaded into it, as Node does by default. It is not in one with
\`execArgv\` of its own (\`--import\` or \`--require\` on the command line), with an \`env\` without \`NODE_OPTIONS\`
(where that loads it), with \`eval: true\` under \`--import\` (\`--require\` reaches those), created by such a one, or
created before the start. What their loops did, how many run and how they end is known all the same. A worker that is
ended in the middle of a block takes the lag of that block with it. Applications with their own MeterProvider get no lag
of workers: a Meter takes no histogram that was counted elsewhere.

An idle worker of a pool that waits for its next task in \`Atomics.wait\`, as those of Piscina and Tinypool do, is idle: it
has neither lag nor stalls, is not blocked, and its utilization leaves that time out. That is so of waits that a package below
\`node_modules\` makes with no code of the application on the stack; a wait of the application's own code holds the loop.
Collections of garbage of a worker whose loop does not turn are not counted.

## Bounds

- A metric has at most 2,000 series (\`http.server.request.duration\` without a route: 12); what goes beyond shares one
  series with \`otel_metric_overflow="true"\` and is counted in \`loopsight_self_series_dropped_total\`.
- Worker threads have at most 50 names, then \`other\`. 256 of them have lag at the same time; those that found no room
  are counted in \`loopsight_self_threads_unwatched_total\`.
- While the main thread is blocked, its last figures are shown beside live ones, with their age in
  \`loopsight_self_snapshot_age_seconds\`; beyond 60 s only its counters and histograms are.
`;
}

function configurationPage() {
  const options = Object.values(OPTIONS).map(({ option, variable, kind, defaultText, description }) => [
    code(option),
    code(variable),
    kind.allowed,
    defaultText,
    description,
  ]);
  const switches = INSTRUMENTATION_NAMES.map((name) => [code(name), code(switchVariable(name))]);
  return `# Configuration

Generated from \`src/options.ts\` by \`npm run docs\`.

Options of \`start()\` win over variables, variables over \`loopsight.config.json\`, and that over defaults. An empty variable is one that is not set. A value that
is not allowed ends the program at its start with one sentence that quotes name, bound and value.

${table(['option', 'variable', 'allowed', 'default', 'meaning'], options)}

## Configuration file

Options can also stand in \`loopsight.config.json\`, beside the application's package.json or in the working directory, by
their names in \`start()\`. Paths in it are relative to its folder. Functions and secrets cannot stand in it.

\`\`\`json
{
  "$schema": "./node_modules/loopsight/dist/config.schema.json",
  "stallThresholdMs": 200,
  "instrumentations": { "processes": false }
}
\`\`\`

\`npx loopsight doctor\` shows which file was found and where each value came from.

## Instrumentations

${table(['name', 'variable (`on` or `off`)'], switches)}

The names are also what \`OTEL_NODE_ENABLED_INSTRUMENTATIONS\` and \`OTEL_NODE_DISABLED_INSTRUMENTATIONS\` take.

## Service name and version

The name is \`OTEL_SERVICE_NAME\`, else \`service.name\` of \`OTEL_RESOURCE_ATTRIBUTES\`, else that of the nearest
package.json. The version is \`service.version\` of \`OTEL_RESOURCE_ATTRIBUTES\`, else that of the nearest package.json
with the commit that the usual CI and platform variables name, else with a short hash of entry file and lock file.

## Other variables of OpenTelemetry

| variable | what happens |
| --- | --- |
| \`OTEL_SEMCONV_STABILITY_OPT_IN\` | HTTP metrics always have the stable names; the variable tells us whether OpenTelemetry's own HTTP instrumentation emits the same ones into the same MeterProvider, in which case ours are silent |
| \`OTEL_METRIC_EXPORT_INTERVAL\`, \`OTEL_METRIC_EXPORT_TIMEOUT\`, \`OTEL_LOGS_*\`, \`OTEL_BSP_*\`, \`OTEL_PROPAGATORS\` | not read: they belong to an SDK, and Loopsight brings none |
| \`OTEL_EXPORTER_OTLP_*\`, \`OTEL_TRACES_EXPORTER\` | read with \`LOOPSIGHT_TRACES=on\` only ([traces.md](traces.md)); otherwise they belong to an SDK |
| \`OTEL_LOG_LEVEL\` | not read: what goes wrong inside Loopsight is told to the \`diag\` logger that the application registers |
| \`OTEL_NODE_RESOURCE_DETECTORS\` | not read: the resource is what the variables above and package.json say |

## Bound to loopback

The endpoint binds to \`127.0.0.1\`. To let a Prometheus outside of the machine or the pod reach it:

\`\`\`sh
OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0 node --import loopsight/register app.mjs
\`\`\`
`;
}

const pages = { 'docs/metrics.md': metricsPage(), 'docs/configuration.md': configurationPage() };
let stale = 0;
for (const [file, text] of Object.entries(pages)) {
  const path = join(root, file);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    stale++;
    console.log(`${file} differs from the code; run \`npm run docs\``);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
