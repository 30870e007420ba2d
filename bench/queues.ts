// What a task of a queue that is found by itself costs, and what a scrape of many such queues does.
import { isQuick, type Program, startProgram } from './support/program.js';
import { measureAsking, measureScrape, type ScrapeCost } from './support/scrape-cost.js';
import { median, quantile } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const LIBRARIES = ['p-queue', 'fastq', 'piscina'] as const;
const TASK_GOAL_NS = 1000;
const SCRAPE_GOAL_MS = 2;
const QUEUES = 1000;

type Side = 'off' | 'on' | 'again';
type Rounds = Readonly<Record<Side, number[]>>;

printHeading(
  'One task, from its addition to its end: ns of CPU time (piscina: of the main thread), median of the rounds',
);
// Two copies of a library in one process differ by more than what is looked for: each side has processes of its own.
const plan = isQuick
  ? { trios: 2, rounds: 8, tasks: 10_000, warmUpMs: 500 }
  : { trios: 3, rounds: 20, tasks: 20_000, warmUpMs: 1500 };
const results: { readonly name: string; readonly rounds: Rounds }[] = LIBRARIES.map((name) => ({
  name,
  rounds: { off: [], on: [], again: [] },
}));
for (let trio = 0; trio < plan.trios; trio++) {
  const programs = {
    off: await startProgram('queues', { args: ['off'] }),
    on: await startProgram('queues', { args: ['on'] }),
    again: await startProgram('queues', { args: ['off'] }),
  };
  for (const { name, rounds } of results) await runRounds(programs, name, rounds);
  for (const one of Object.values(programs)) await one.stop();
}
printTable(
  ['', 'without', 'with', 'added', 'half of the rounds', 'without, again'],
  results.map(({ name, rounds }) => [
    name,
    fixed(median(rounds.off), 0),
    fixed(median(rounds.on), 0),
    fixed(median(difference(rounds, 'on')), 0),
    range(difference(rounds, 'on')),
    range(difference(rounds, 'again')),
  ]),
);
for (const { name, rounds } of results) {
  const addedNs = median(difference(rounds, 'on'));
  printGoal(`at most ${TASK_GOAL_NS} ns for a task of ${name}`, `${fixed(addedNs, 0)} ns`, addedNs <= TASK_GOAL_NS);
}

const program = await startProgram('queues', { args: ['on'] });
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

async function runRounds(programs: Readonly<Record<Side, Program>>, name: string, rounds: Rounds): Promise<void> {
  const sides = Object.keys(programs) as Side[];
  for (const side of sides) await programs[side].ask('warmUp', { name, ms: plan.warmUpMs });
  for (let round = 0; round < plan.rounds; round++) {
    for (const side of [...sides].sort(() => Math.random() - 0.5)) {
      rounds[side].push(await programs[side].ask<number>('round', { name, tasks: plan.tasks }));
    }
  }
  const found = await programs.on.ask<number>('found', name);
  const run = plan.rounds * plan.tasks;
  if (!(found >= run)) throw new Error(`Of ${run} tasks of ${name} ${found} were found: this measures nothing`);
}

function difference(rounds: Rounds, side: 'on' | 'again'): number[] {
  return rounds[side].map((ns, round) => ns - (rounds.off[round] ?? Number.NaN));
}

function range(values: readonly number[]): string {
  return [0.25, 0.75].map((share) => fixed(quantile(values, share), 0)).join(' – ');
}
