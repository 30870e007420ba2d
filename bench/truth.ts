// What a blocked loop looks like in three libraries that watch the same process, beside what its clients waited.
import { setTimeout as wait } from 'node:timers/promises';
import { type ParsedMetrics, parseText } from '../src/prometheus/parse.js';
import { type Distribution, mean as meanOf, quantile as quantileOf } from '../src/status/quantile.js';
import { isQuick, PRELOADS, type Program, startProgram } from './support/program.js';
import { scrape } from './support/scrape.js';
import { median, quantile } from './support/statistics.js';
import { fixed, printHeading, printMarkdownTable } from './support/table.js';

const SCENARIOS = [
  { name: 'Never blocked', periodMs: 1000, blockMs: 0, cycles: isQuick ? 5 : 10 },
  { name: 'Blocked for 200 ms of every second', periodMs: 1000, blockMs: 200, cycles: isQuick ? 10 : 25 },
  { name: 'Blocked half of the time, 1.5 s of every 3 s', periodMs: 3000, blockMs: 1500, cycles: isQuick ? 4 : 12 },
] as const;
const MEAN_MS_BETWEEN_ARRIVALS = 10;
const SCRAPES = isQuick ? 1 : 3;

/** Figures in milliseconds, and the share of waits above 100 ms; NaN where a source does not tell it. */
interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly mean: number;
  readonly above100: number;
}

interface Urls {
  readonly 'prom-client': string;
  readonly opentelemetry: string;
  readonly loopsight: string;
}

const watched = await startProgram('truth', { execArgv: PRELOADS.loopsight });
const clients = await startProgram('arrivals');
const { port, loopsight } = await watched.ask<{ port: number; loopsight: string }>('listen');
const at = (path: string) => `http://127.0.0.1:${port}/${path}`;
const urls: Urls = { 'prom-client': at('prom-client'), opentelemetry: at('opentelemetry'), loopsight };

await wait(2_000);
for (const scenario of SCENARIOS) await compare(scenario);
await scrapeWhileBlocked(watched);
await Promise.all([watched.stop(), clients.stop()]);

async function compare({ name, ...pattern }: (typeof SCENARIOS)[number]): Promise<void> {
  // The gauges begin anew at each scrape, so this one begins their period and the one after the pattern ends it.
  await Promise.all([read(urls['prom-client']), read(urls.opentelemetry)]);
  const before = lagOf(await read(urls.loopsight));
  const durationMs = pattern.periodMs * pattern.cycles;
  const [waits] = await Promise.all([
    clients.ask<number[]>('send', { port, durationMs, meanMs: MEAN_MS_BETWEEN_ARRIVALS }),
    watched.ask('run', pattern),
  ]);
  const [promClient, openTelemetry, ours] = await Promise.all([
    read(urls['prom-client']),
    read(urls.opentelemetry),
    read(urls.loopsight),
  ]);
  printHeading(`${name}, for ${durationMs / 1000} s: ms`);
  printMarkdownTable(
    ['', 'p50', 'p99', 'mean', 'above 100 ms'],
    [
      [`what ${waits.length} clients waited`, ...cells(truthOf(waits))],
      ['prom-client', ...cells(gaugesOf(promClient, 'nodejs_eventloop_lag', '_seconds'))],
      ['OpenTelemetry runtime', ...cells(gaugesOf(openTelemetry, 'nodejs_eventloop_delay'))],
      ['Loopsight', ...cells(figuresOf(difference(lagOf(ours), before)))],
    ],
  );
}

async function scrapeWhileBlocked(program: Program): Promise<void> {
  const blockMs = 1500;
  const times = { 'prom-client': [] as number[], opentelemetry: [] as number[], loopsight: [] as number[] };
  const libraries = Object.keys(times) as (keyof Urls)[];
  for (let i = 0; i < SCRAPES; i++) {
    await program.ask('blockSoon', { afterMs: 50, blockMs });
    await wait(250);
    await Promise.all(libraries.map(async (library) => times[library].push((await scrape(urls[library])).ms)));
    await wait(500);
  }
  printHeading(`A scrape 200 ms after the start of a block of ${blockMs} ms: answered after, ms`);
  printMarkdownTable(
    ['prom-client', 'OpenTelemetry', 'Loopsight'],
    [libraries.map((library) => fixed(median(times[library]), 0))],
  );
}

async function read(url: string): Promise<ParsedMetrics> {
  return parseText(await (await fetch(url)).text());
}

function truthOf(waits: readonly number[]): Figures {
  return {
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
    mean: waits.reduce((sum, ms) => sum + ms, 0) / waits.length,
    above100: waits.filter((ms) => ms > 100).length / waits.length,
  };
}

function gaugesOf({ families }: ParsedMetrics, prefix: string, suffix = ''): Figures {
  const gauge = (name: string) => (families.get(`${prefix}_${name}${suffix}`)?.samples[0]?.value ?? Number.NaN) * 1000;
  return { p50: gauge('p50'), p99: gauge('p99'), mean: gauge('mean'), above100: Number.NaN };
}

function lagOf({ families }: ParsedMetrics): Distribution {
  const samples = families.get('loopsight_eventloop_lag_seconds')?.samples ?? [];
  const ofMain = samples.filter(({ labels }) => labels.thread_name === 'main');
  const sampleOf = (suffix: string) => ofMain.find(({ name }) => name.endsWith(suffix))?.value ?? Number.NaN;
  const buckets = ofMain
    .filter(({ name }) => name.endsWith('_bucket'))
    .map(({ labels, value }) => ({ bound: Number((labels.le ?? '').replace('+Inf', 'Infinity')), count: value }));
  return { count: sampleOf('_count'), sum: sampleOf('_sum'), buckets };
}

function difference(after: Distribution, before: Distribution): Distribution {
  return {
    count: after.count - before.count,
    sum: after.sum - before.sum,
    buckets: after.buckets.map(({ bound, count }, i) => ({ bound, count: count - (before.buckets[i]?.count ?? 0) })),
  };
}

function figuresOf(lag: Distribution): Figures {
  const within100 = lag.buckets.find(({ bound }) => bound === 0.1)?.count ?? Number.NaN;
  return {
    p50: (quantileOf(lag, 0.5)?.value ?? Number.NaN) * 1000,
    p99: (quantileOf(lag, 0.99)?.value ?? Number.NaN) * 1000,
    mean: (meanOf(lag) ?? Number.NaN) * 1000,
    above100: 1 - within100 / lag.count,
  };
}

function cells({ p50, p99, mean, above100 }: Figures): string[] {
  const share = Number.isNaN(above100) ? 'not told' : `${fixed(above100 * 100)} %`;
  return [...[p50, p99, mean].map((ms) => fixed(ms, ms < 9.95 ? 1 : 0)), share];
}
