// What a task of a queue that is found by itself costs, and what a scrape of many such queues does.
import { isQuick, startProgram } from './support/program.js';
import { measureAsking, measureScrape, type ScrapeCost } from './support/scrape-cost.js';
import { median, quantile } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const LIBRARIES = ['p-queue', 'fastq', 'piscina'] as const;
const TASK_GOAL_NS = 1000;
const SCRAPE_GOAL_MS = 2;
const QUEUES = 1000;

type Rounds = Readonly<Record<'without' | 'again' | 'with', readonly number[]>>;

printHeading(
  'One task, from its addition to its end: ns of CPU time (piscina: of the main thread), median of the rounds',
);
const program = await startProgram('queues');
const plan = isQuick ? { rounds: 9, roundMs: 30, warmUpMs: 200 } : { rounds: 31, roundMs: 60, warmUpMs: 600 };
const results: { readonly name: string; readonly rounds: Rounds }[] = [];
for (const name of LIBRARIES) results.push({ name, rounds: await program.ask<Rounds>('measure', { name, plan }) });
printTable(
  ['', 'without', 'with', 'added', 'half of the rounds', 'without, again'],
  results.map(({ name, rounds }) => [
    name,
    fixed(median(rounds.without), 0),
    fixed(median(rounds.with), 0),
    fixed(median(difference(rounds, 'with')), 0),
    range(difference(rounds, 'with')),
    range(difference(rounds, 'again')),
  ]),
);
for (const { name, rounds } of results) {
  const addedNs = median(difference(rounds, 'with'));
  printGoal(`at most ${TASK_GOAL_NS} ns for a task of ${name}`, `${fixed(addedNs, 0)} ns`, addedNs <= TASK_GOAL_NS);
}

printHeading(`One scrape of ${QUEUES} queues in 90 places, with 5 tasks each: ms`);
const url = await program.ask<string>('fill', QUEUES);
const scrapes = isQuick ? 10 : 40;
for (let i = 0; i < 10; i++) await measureScrape(program, url);
const all: ScrapeCost[] = [];
for (let i = 0; i < scrapes; i++) all.push(await measureScrape(program, url));
const asking = await measureAsking(program);
await program.stop();
const middle = (figure: 'mainMs' | 'activeMs' | 'cpuMs') => median(all.map((one) => one[figure]));
const mainMs = Math.max(0, middle('mainMs') - asking.mainMs);
printTable(
  ['', 'samples', 'CPU of the main thread', 'main loop busy', 'CPU, all threads'],
  [
    [
      `${QUEUES} queues`,
      fixed(all[0]?.samples ?? Number.NaN, 0),
      fixed(mainMs, 2),
      fixed(Math.max(0, middle('activeMs') - asking.activeMs), 2),
      fixed(middle('cpuMs'), 2),
    ],
  ],
);
printGoal(`at most ${SCRAPE_GOAL_MS} ms of the main thread`, `${fixed(mainMs, 2)} ms`, mainMs <= SCRAPE_GOAL_MS);

function difference(rounds: Rounds, side: 'with' | 'again'): number[] {
  return rounds[side].map((ns, round) => ns - (rounds.without[round] ?? Number.NaN));
}

function range(values: readonly number[]): string {
  return [0.25, 0.75].map((share) => fixed(quantile(values, share), 0)).join(' – ');
}
