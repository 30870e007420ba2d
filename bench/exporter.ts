// What a scrape of 10,000 series costs: our store and our exporter for OpenTelemetry's SDK, beside the exporters of others.
import { isQuick, PRELOADS, type Program, startProgram } from './support/program.js';
import { measureAsking, measureScrape, type ScrapeCost } from './support/scrape-cost.js';
import { median, shuffled } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const STORE_GOAL_MS = 1;
const READER_GOAL_MS = 5;

const HERE = { LOOPSIGHT_OBSERVER: 'off' } as const;
const SIDES = {
  loopsight: { name: 'loopsight/register', execArgv: PRELOADS.loopsight, env: {} },
  'loopsight-here': { name: 'loopsight/register, observer off', execArgv: PRELOADS.loopsight, env: HERE },
  exporter: { name: 'loopsight/exporter', execArgv: [], env: {} },
  'exporter-here': { name: 'loopsight/exporter, observer off', execArgv: [], env: {} },
  opentelemetry: { name: 'OpenTelemetry exporter', execArgv: [], env: {} },
  'prom-client': { name: 'prom-client 15', execArgv: [], env: {} },
  'prometheus-io': { name: '@prometheus-io/client', execArgv: [], env: {} },
} as const;
type Side = keyof typeof SIDES;
const PEERS = ['prom-client', 'prometheus-io'] as const;

/** `every`: one of so many values has changed since the scrape before. */
const SHAPES = [
  { name: '10,000 counters', counters: 10_000, histograms: 0, every: 1, scrapes: 24 },
  { name: '10,000 counters, 1 of 10 changed', counters: 10_000, histograms: 0, every: 10, scrapes: 24 },
  { name: '590 histograms (10,030 lines)', counters: 0, histograms: 590, every: 1, scrapes: 24 },
  { name: '10,000 histograms', counters: 0, histograms: 10_000, every: 1, scrapes: 9 },
] as const;
type Shape = (typeof SHAPES)[number];

printHeading('One scrape, ms: medians; all sides in turns, histograms have 15 buckets');
for (const shape of SHAPES) await compare(shape);

async function compare(shape: Shape): Promise<void> {
  const costs = await measure(shape);
  const middle = (side: Side, figure: keyof ScrapeCost) => median(costs[side].map((cost) => cost[figure]));
  const sides = Object.keys(SIDES) as Side[];
  printTable(
    [
      shape.name,
      'samples',
      'MB',
      'main thread CPU',
      "the SDK's collect",
      'main loop busy',
      'CPU, all threads',
      'answered in',
    ],
    sides.map((side) => [
      SIDES[side].name,
      fixed(middle(side, 'samples'), 0),
      fixed(middle(side, 'bytes') / 1e6, 2),
      fixed(middle(side, 'mainMs'), 2),
      fixed(middle(side, 'collectMs'), 2),
      fixed(middle(side, 'activeMs'), 2),
      fixed(middle(side, 'cpuMs'), 2),
      fixed(middle(side, 'ms'), 1),
    ]),
  );
  console.log();
  const most = (goal: string, value: number, limit: number) =>
    printGoal(`${goal}, at most ${fixed(limit)} ms`, `${fixed(value)} ms`, value <= limit);
  most('main thread, our store', middle('loopsight', 'mainMs'), STORE_GOAL_MS);
  most('main thread, an SDK', middle('exporter', 'mainMs'), READER_GOAL_MS);
  for (const peer of PEERS) {
    const { name } = SIDES[peer];
    most(`CPU, our store, beside ${name}`, middle('loopsight', 'cpuMs'), middle(peer, 'cpuMs'));
    most(`CPU, an SDK, beside ${name}`, middle('exporter', 'cpuMs'), middle(peer, 'cpuMs'));
    most(`main thread without an observer, beside ${name}`, middle('loopsight-here', 'mainMs'), middle(peer, 'mainMs'));
  }
  console.log();
}

async function measure(shape: Shape): Promise<Record<Side, ScrapeCost[]>> {
  const sides = Object.keys(SIDES) as Side[];
  const running: { side: Side; program: Program; url: string; asking: Pick<ScrapeCost, 'mainMs' | 'activeMs'> }[] = [];
  for (const side of sides) {
    const { execArgv, env } = SIDES[side];
    const library = side === 'loopsight-here' ? 'loopsight' : side;
    const program = await startProgram('exposition', { args: [library], execArgv, env });
    const url = await program.ask<string>('listen');
    await program.ask('fill', shape);
    // The first scrapes carry labels and are compiled.
    for (let i = 0; i < Math.ceil(shape.scrapes / 3); i++) await measureScrape(program, url);
    running.push({ side, program, url, asking: await measureAsking(program) });
  }
  const costs = Object.fromEntries(sides.map((side) => [side, [] as ScrapeCost[]])) as Record<Side, ScrapeCost[]>;
  for (let i = 0; i < (isQuick ? shape.scrapes / 3 : shape.scrapes); i++) {
    for (const { side, program, url, asking } of shuffled(running)) {
      const cost = await measureScrape(program, url, shape.every);
      const [activeMs, mainMs] = [cost.activeMs - asking.activeMs, cost.mainMs - asking.mainMs];
      costs[side].push({ ...cost, activeMs: Math.max(0, activeMs), mainMs: Math.max(0, mainMs) });
    }
  }
  await Promise.all(running.map(({ program }) => program.stop()));
  return costs;
}
