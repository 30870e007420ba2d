// Resident memory: what a process has more of than the same one without us, idle and with many series.
import { isQuick, PRELOAD_NAMES, PRELOADS, type Preload, startProgram } from './support/program.js';
import { scrape } from './support/scrape.js';
import { median, shuffled } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const MIB = 1024 * 1024;
const IDLE_GOAL_MIB = 25;
const SERIES_GOAL_MIB = 40;
const STARTS = isQuick ? 3 : 7;
const SETTLE_MS = isQuick ? 1_000 : 3_000;
const SCRAPES = 5;
const SCRAPES_AT_ONCE = isQuick ? 10 : 30;

interface Memory {
  readonly rss: number;
  readonly anonymous: number;
}

interface Resident {
  readonly peak: number;
  readonly now: number;
}

interface Shape {
  readonly name: string;
  readonly counters: number;
  readonly histograms: number;
}
const SHAPES: readonly Shape[] = [
  { name: '10,000 counters', counters: 10_000, histograms: 0 },
  { name: '9,000 counters, 1,000 histograms', counters: 9_000, histograms: 1_000 },
  { name: '10,000 histograms', counters: 0, histograms: 10_000 },
];
const LIBRARIES = ['loopsight', 'prom-client', 'opentelemetry'] as const;

await compareIdle();
await compareFilled();
await compareScraped();

async function compareIdle(): Promise<void> {
  printHeading(`Resident memory of an idle HTTP server, MiB, median of ${STARTS} starts`);
  const preloads = ['bare', 'loopsight', 'prom-client', 'otel-runtime'] as const;
  const starts: Map<Preload, Memory>[] = [];
  for (let i = 0; i < STARTS; i++) {
    const memories = await Promise.all(
      shuffled(preloads).map(async (preload) => [preload, await idle(preload)] as const),
    );
    starts.push(new Map(memories));
  }
  const middle = (preload: Preload, part: keyof Memory) =>
    median(starts.map((start) => (start.get(preload)?.[part] ?? Number.NaN) / MIB));
  const added = (preload: Preload, part: keyof Memory) => middle(preload, part) - middle('bare', part);
  printTable(
    ['', 'resident', 'of it not files', 'added', 'of it not files'],
    preloads.map((preload) => [
      PRELOAD_NAMES[preload],
      fixed(middle(preload, 'rss')),
      fixed(middle(preload, 'anonymous')),
      ...(preload === 'bare' ? [] : [fixed(added(preload, 'rss')), fixed(added(preload, 'anonymous'))]),
    ]),
  );
  const ours = added('loopsight', 'rss');
  printGoal(`at most ${IDLE_GOAL_MIB} MiB idle`, `${fixed(ours)} MiB`, ours <= IDLE_GOAL_MIB);
}

async function idle(preload: Preload): Promise<Memory> {
  const program = await startProgram('server', { execArgv: ['--expose-gc', ...PRELOADS[preload]] });
  await program.ask('listen');
  const memory = await program.ask<Memory>('memory', SETTLE_MS);
  await program.stop();
  return memory;
}

async function compareFilled(): Promise<void> {
  printHeading(`Resident memory with many series, after ${SCRAPES} scrapes, MiB added to a bare process`);
  const bare = (await filled('bare')).rss;
  const rows: string[][] = [];
  const goals: (() => void)[] = [];
  for (const shape of SHAPES) {
    const row = [shape.name];
    for (const library of LIBRARIES) {
      const starts = isQuick ? 1 : 3;
      const all = await Promise.all(Array.from({ length: starts }, () => filled(library, shape)));
      const added = (median(all.map(({ rss }) => rss)) - bare) / MIB;
      row.push(fixed(added));
      if (library !== 'loopsight') continue;
      const goal = `at most ${SERIES_GOAL_MIB} MiB with ${shape.name}`;
      goals.push(() => printGoal(goal, `${fixed(added)} MiB`, added <= SERIES_GOAL_MIB));
    }
    rows.push(row);
  }
  printTable(['', 'loopsight', 'prom-client', 'OpenTelemetry SDK 2.x'], rows);
  for (const goal of goals) goal();
}

async function compareScraped(): Promise<void> {
  const shape = SHAPES[2];
  printHeading(`The most that ${SCRAPES_AT_ONCE} scrapes of ${shape?.name} one after the other add, MiB`);
  const rows: string[][] = [];
  let ours = Number.NaN;
  for (const library of LIBRARIES) {
    const { addedMib, bytes } = await scraped(library, shape);
    rows.push([library, fixed(bytes / 1e6), fixed(addedMib)]);
    if (library === 'loopsight') ours = addedMib;
  }
  printTable(['', 'MB a scrape', 'added at the peak'], rows);
  printGoal(`at most ${SERIES_GOAL_MIB} MiB while it is scraped`, `${fixed(ours)} MiB`, ours <= SERIES_GOAL_MIB);
}

async function scraped(
  library: (typeof LIBRARIES)[number],
  shape?: Shape,
): Promise<{ addedMib: number; bytes: number }> {
  const preload = library === 'loopsight' ? PRELOADS.loopsight : [];
  const program = await startProgram('exposition', { args: [library], execArgv: ['--expose-gc', ...preload] });
  await program.ask('churn');
  const url = (await program.ask<string | undefined>('listen')) ?? '';
  await program.ask('fill', shape);
  const before = await program.ask<Resident>('resident');
  let bytes = 0;
  for (let i = 0; i < SCRAPES_AT_ONCE; i++) {
    await program.ask('write');
    ({ bytes } = await scrape(url));
  }
  const after = await program.ask<Resident>('resident');
  await program.stop();
  return { addedMib: (after.peak - before.now) / MIB, bytes };
}

async function filled(library: (typeof LIBRARIES)[number] | 'bare', shape?: Shape): Promise<Memory> {
  const preload = library === 'loopsight' ? PRELOADS.loopsight : [];
  const program = await startProgram('exposition', { args: [library], execArgv: ['--expose-gc', ...preload] });
  await program.ask('churn');
  const url = await program.ask<string | undefined>('listen');
  if (url !== undefined) {
    await program.ask('fill', shape);
    for (let i = 0; i < SCRAPES; i++) {
      await program.ask('write');
      await scrape(url);
    }
  }
  const memory = await program.ask<Memory>('memory', SETTLE_MS);
  await program.stop();
  return memory;
}
