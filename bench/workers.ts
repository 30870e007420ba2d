// What worker threads cost the main thread: a scrape with many of them, having them at all, and a message to one.
import { setTimeout as wait } from 'node:timers/promises';
import { isQuick, PRELOAD_NAMES, PRELOADS, startProgram } from './support/program.js';
import { measureAsking, measureScrape } from './support/scrape-cost.js';
import { median, quantile } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const COUNTS = [0, 50, 200];
const SCRAPES = isQuick ? 15 : 60;
const IDLE_MS = isQuick ? 4000 : 10_000;
const MESSAGES = 50_000;
const ROUNDS = isQuick ? 3 : 9;
const GOAL_MS = 2;
/** Enough that what is shared by all of them does not count, and few enough for two cores. */
const IDLE_COUNT = 40;
// Until V8 has collected what the start of the workers left behind.
const SETTLING_MS = isQuick ? 12_000 : 20_000;
const IDLE_GOAL = 2.2;
const STARTS = isQuick ? 20 : 60;

interface Usage {
  readonly cpuUs: number;
  readonly mainUs: number;
}

await measureIdleWorkers();
await measureStarts();
await measureWorkers();
await measureMessages();

async function measureWorkers(): Promise<void> {
  printHeading('Workers: CPU time of one scrape in ms, and of a second without one; 20 names');
  const rows: string[][] = [];
  let most = Number.NaN;
  const program = await startProgram('workers', { execArgv: PRELOADS.loopsight });
  const url = await program.ask<string>('listen');
  for (const count of COUNTS) {
    await program.ask('begin', { count });
    await wait(SETTLING_MS);
    const asking: number[] = [];
    for (let asked = 0; asked < SCRAPES; asked++) asking.push((await measureAsking(program)).mainMs);
    const scrapes = [];
    for (let scraped = 0; scraped < SCRAPES; scraped++) {
      scrapes.push(await measureScrape(program, url));
      await wait(20);
    }
    const mainMs = scrapes.map((one) => one.mainMs - median(asking));
    most = median(mainMs);
    const idle = await measureIdle(program.ask);
    rows.push([
      `${count} workers`,
      String(scrapes.at(-1)?.samples ?? ''),
      fixed(most, 2),
      fixed(quantile(mainMs, 0.95), 2),
      fixed(median(scrapes.map(({ cpuMs }) => cpuMs)), 2),
      fixed(median(scrapes.map(({ ms }) => ms)), 1),
      fixed(idle.mainMs, 2),
      fixed(idle.cpuMs, 1),
    ]);
  }
  await program.stop();
  printTable(
    ['', 'samples', 'main thread', '95 of 100 below', 'all threads', 'answered in', 'a second: main', 'all threads'],
    rows,
  );
  printGoal(
    `a scrape takes at most ${GOAL_MS} ms of the main thread at 200 workers`,
    `${fixed(most, 2)} ms`,
    most <= GOAL_MS,
  );
}

// All sides at the same time: what else the machine does is the same for them.
async function measureIdleWorkers(): Promise<void> {
  printHeading(`Idle workers: CPU time of all threads in a second for each of ${IDLE_COUNT}, in ms`);
  const sides = [
    { name: 'bare', preload: 'bare', kind: 'nothing' },
    { name: 'bare, 50 ms timer in each', preload: 'bare', kind: 'timer' },
    { name: 'loopsight/register', preload: 'loopsight', kind: 'nothing' },
  ] as const;
  const programs = await Promise.all(
    sides.map(({ preload }) => startProgram('workers', { execArgv: PRELOADS[preload] })),
  );
  await wait(SETTLING_MS);
  const without = await Promise.all(programs.map(({ ask }) => measureIdle(ask)));
  for (const [index, { kind }] of sides.entries()) await programs[index]?.ask('begin', { count: IDLE_COUNT, kind });
  await wait(SETTLING_MS);
  const all = await Promise.all(programs.map(({ ask }) => measureIdle(ask)));
  for (const program of programs) await program.stop();
  const each = all.map(({ cpuMs }, index) => (cpuMs - (without[index]?.cpuMs ?? Number.NaN)) / IDLE_COUNT);
  const [, timer = Number.NaN, ours = Number.NaN] = each;
  printTable(
    ['', 'ms a second', 'by the timer'],
    sides.map(({ name }, index) => {
      const ms = each[index] ?? Number.NaN;
      return [name, fixed(ms, 2), fixed(ms / timer, 2)];
    }),
  );
  printGoal(
    `an idle worker costs at most ${IDLE_GOAL} times what a 50 ms timer in it does`,
    fixed(ours / timer, 2),
    ours / timer <= IDLE_GOAL,
  );
}

async function measureStarts(): Promise<void> {
  printHeading('Starts: a worker that does nothing, from its creation to its end, in ms');
  const rows: string[][] = [];
  for (const preload of ['bare', 'loopsight'] as const) {
    const program = await startProgram('workers', { execArgv: PRELOADS[preload] });
    await program.ask('start', 5);
    const times = await program.ask<number[]>('start', STARTS);
    await program.stop();
    rows.push([PRELOAD_NAMES[preload], fixed(median(times), 1), fixed(quantile(times, 0.95), 1)]);
  }
  printTable(['', 'median', '95 of 100 below'], rows);
}

async function measureIdle(ask: <T>(question: string) => Promise<T>): Promise<{ mainMs: number; cpuMs: number }> {
  const before = await ask<Usage>('usage');
  await wait(IDLE_MS);
  const after = await ask<Usage>('usage');
  const seconds = IDLE_MS / 1000;
  return {
    mainMs: (after.mainUs - before.mainUs) / 1000 / seconds,
    cpuMs: (after.cpuUs - before.cpuUs) / 1000 / seconds,
  };
}

async function measureMessages(): Promise<void> {
  printHeading(`Messages: sending ${MESSAGES.toLocaleString('en')} small ones to a worker, for each`);
  const rows: string[][] = [];
  for (const preload of ['bare', 'loopsight'] as const) {
    const program = await startProgram('workers', { execArgv: PRELOADS[preload] });
    await program.ask('send', MESSAGES);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push(await program.ask<{ sentNs: number; totalUs: number }>('send', MESSAGES));
    }
    await program.stop();
    rows.push([
      PRELOAD_NAMES[preload],
      fixed(median(rounds.map(({ sentNs }) => sentNs)), 0),
      fixed(median(rounds.map(({ totalUs }) => totalUs)), 2),
    ]);
  }
  printTable(['', 'ns to send, this thread', 'µs until all were read'], rows);
}
