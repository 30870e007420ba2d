// What worker threads cost the main thread: a scrape with many of them, having them at all, and a message to one.
import { setTimeout as wait } from 'node:timers/promises';
import { isQuick, PRELOAD_NAMES, PRELOADS, startProgram } from './support/program.js';
import { measureAsking, measureScrape } from './support/scrape-cost.js';
import { median, quantile } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const COUNTS = [0, 50, 200];
const SCRAPES = isQuick ? 15 : 60;
const IDLE_MS = isQuick ? 4000 : 15_000;
const MESSAGES = 50_000;
const ROUNDS = isQuick ? 3 : 9;
const GOAL_MS = 2;

interface Usage {
  readonly cpuUs: number;
  readonly mainUs: number;
}

await measureWorkers();
await measureMessages();

async function measureWorkers(): Promise<void> {
  printHeading('Workers: CPU time of one scrape in ms, and of a second without one; 20 names');
  const rows: string[][] = [];
  let most = Number.NaN;
  const program = await startProgram('workers', { execArgv: PRELOADS.loopsight });
  const url = await program.ask<string>('listen');
  for (const count of COUNTS) {
    await program.ask('begin', count);
    await wait(2000);
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
