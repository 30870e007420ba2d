// What a scrape costs the process that is scraped, what watching costs while nothing happens, and what starting costs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { environment, isQuick, PRELOAD_NAMES, PRELOADS, type Preload, startProgram } from './support/program.js';
import { measureAsking, measureScrape, type ScrapeCost } from './support/scrape-cost.js';
import { median, quantile, shuffled } from './support/statistics.js';
import { fixed, printHeading, printTable } from './support/table.js';

const IDLE_MS = isQuick ? 5_000 : 20_000;
const STARTS = isQuick ? 5 : 15;
const LIBRARIES = { loopsight: 'loopsight', 'prom-client': 'prom-client', opentelemetry: 'OpenTelemetry SDK 2.x' };
const SHAPES = [
  { name: '400 counters', counters: 400, histograms: 0, scrapes: 40 },
  { name: '400 histograms', counters: 0, histograms: 400, scrapes: 40 },
  { name: '10,000 counters', counters: 10_000, histograms: 0, scrapes: 12 },
  { name: '10,000 histograms', counters: 0, histograms: 10_000, scrapes: 6 },
] as const;

interface Usage {
  readonly cpuUs: number;
  readonly activeMs: number;
}

await compareScrapes();
await compareIdle();
await compareStarts();

async function compareScrapes(): Promise<void> {
  printHeading('One scrape: ms; histograms have 15 buckets, every value has changed since the scrape before');
  for (const shape of SHAPES) {
    const rows: string[][] = [];
    for (const [library, name] of Object.entries(LIBRARIES))
      rows.push([name, ...(await measureScrapes(library, shape))]);
    printTable(
      [
        shape.name,
        'samples',
        'MB',
        'main thread busy',
        'the first scrape',
        'CPU, all threads',
        'answered in',
        'slowest',
      ],
      rows,
    );
    console.log();
  }
}

async function measureScrapes(library: string, shape: (typeof SHAPES)[number]): Promise<string[]> {
  const execArgv = library === 'loopsight' ? PRELOADS.loopsight : [];
  const program = await startProgram('exposition', { args: [library], execArgv });
  const url = await program.ask<string>('listen');
  await program.ask('fill', shape);
  const first = await measureScrape(program, url);
  for (let i = 0; i < shape.scrapes / 3; i++) await measureScrape(program, url);
  const all: ScrapeCost[] = [];
  for (let i = 0; i < (isQuick ? shape.scrapes / 3 : shape.scrapes); i++) all.push(await measureScrape(program, url));
  // Asking takes a little time of the main thread, too.
  const asking = await measureAsking(program);
  await program.stop();
  const middle = (figure: keyof (typeof all)[number]) => median(all.map((one) => one[figure]));
  return [
    fixed(first.samples, 0),
    fixed(first.bytes / 1e6, 2),
    fixed(Math.max(0, middle('activeMs') - asking.activeMs), 2),
    fixed(first.activeMs, 1),
    fixed(middle('cpuMs'), 2),
    fixed(middle('ms'), 1),
    fixed(
      quantile(
        all.map(({ ms }) => ms),
        1,
      ),
      1,
    ),
  ];
}

function difference(before: Usage, after: Usage): { cpuMs: number; activeMs: number } {
  return { cpuMs: (after.cpuUs - before.cpuUs) / 1000, activeMs: after.activeMs - before.activeMs };
}

async function compareIdle(): Promise<void> {
  const preloads = ['bare', 'timer', 'loopsight', 'prom-client', 'otel-runtime'] as const;
  printHeading(`An idle HTTP server: share of one core over ${IDLE_MS / 1000} s, all at the same time`);
  const programs = await Promise.all(
    preloads.map(async (preload) => {
      const program = await startProgram('server', { execArgv: PRELOADS[preload] });
      await program.ask('listen');
      return { preload, program };
    }),
  );
  await wait(2_000);
  const rows = await Promise.all(
    programs.map(async ({ preload, program }) => {
      const before = await program.ask<Usage>('usage');
      await wait(IDLE_MS);
      const { cpuMs, activeMs } = difference(before, await program.ask<Usage>('usage'));
      await program.stop();
      return [
        PRELOAD_NAMES[preload],
        `${fixed((cpuMs / IDLE_MS) * 100, 3)} %`,
        `${fixed((activeMs / IDLE_MS) * 100, 3)} %`,
      ];
    }),
  );
  printTable(['', 'CPU, all threads', 'main loop busy'], rows);
}

async function compareStarts(): Promise<void> {
  const preloads = ['bare', 'loopsight', 'prom-client', 'otel-runtime'] as const;
  printHeading(`Starting and ending, "node -e 0": ms, median of ${STARTS}, interleaved`);
  const all = new Map<Preload, { wallMs: number; cpuMs: number }[]>(preloads.map((preload) => [preload, []]));
  for (let i = 0; i < STARTS; i++) {
    for (const preload of shuffled(preloads)) all.get(preload)?.push(await start(preload));
  }
  const rows = preloads.map((preload) => {
    const starts = all.get(preload) ?? [];
    return [
      PRELOAD_NAMES[preload],
      fixed(median(starts.map(({ wallMs }) => wallMs))),
      fixed(median(starts.map(({ cpuMs }) => cpuMs))),
    ];
  });
  printTable(['', 'wall', 'CPU until the exit event'], rows);
}

async function start(preload: Preload): Promise<{ wallMs: number; cpuMs: number }> {
  const script =
    "process.on('exit', () => { const { user, system } = process.cpuUsage(); process._rawDebug(user + system); })";
  const startMs = performance.now();
  const child = spawn(process.execPath, [...PRELOADS[preload], '-e', script], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environment(),
  });
  let text = '';
  child.stderr.on('data', (data: Buffer) => {
    text += data.toString();
  });
  await once(child, 'close');
  return { wallMs: performance.now() - startMs, cpuMs: Number(text.trim().split('\n').at(-1)) / 1000 };
}
