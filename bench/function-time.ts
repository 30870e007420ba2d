// What it costs to tell where the time of traced functions goes: each tier beside bare functions, spans by hand, and hooks that
// are on all the time.
import { isQuick, startProgram } from './support/program.js';
import { median, quantile } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const TIER_ONE_GOAL_NS = 400;
const DUTY_GOAL_PERCENT = 0.2;
const PERIOD_MS = 30_000;

const SIDES = {
  bare: 'the function alone',
  duration: 'traced(), function time off',
  'tier-one': 'traced(), not measured: what nearly every call costs',
  tasks: 'the same, and shown among the live calls: what loopsight/register does',
  'tier-two': 'traced() and measured: a call in a window',
  'bare-in-window': 'the function alone while a window is open',
  'bare-after': 'the function alone after a window has closed',
  hooks: 'the function alone under async_hooks full time that do nothing',
  hand: 'startActiveSpan + histogram.record by hand, under an SDK',
  'traced-sdk': 'traced(), under the same SDK',
} as const;

type Side = keyof typeof SIDES;
type Rounds = Readonly<Partial<Record<'sync' | 'async', readonly number[]>>>;

const plan = isQuick ? { rounds: 7, roundMs: 10, warmUpMs: 150 } : { rounds: 21, roundMs: 20, warmUpMs: 400 };
const results = new Map<Side, Rounds>();

printHeading('Where the time goes: ns of CPU time a call, a process of its own for each row');
for (const side of Object.keys(SIDES) as Side[]) {
  const program = await startProgram('function-time', { args: [side] });
  results.set(side, await program.ask<Rounds>('measure', plan));
  await program.stop();
}
for (const kind of ['async', 'sync'] as const) {
  console.log(`\n${kind === 'async' ? 'an async function with two awaits' : 'a synchronous function'}`);
  const bare = median(results.get('bare')?.[kind] ?? []);
  const rows = [...results].flatMap(([side, rounds]) => {
    const values = rounds[kind];
    if (values === undefined) return [];
    const extremes = [quantile(values, 0.1), quantile(values, 0.9)].map((value) => fixed(value));
    return [[SIDES[side], fixed(median(values)), extremes.join(' – '), fixed(median(values) - bare)]];
  });
  printTable(['', 'median', '10 % – 90 % of rounds', 'added'], rows);
}

printHeading('Windows by their own clock, at loads of traced calls with 45 promises each');
const program = await startProgram('function-time', { args: ['duty'] });
const { costMs, promisesPerSecond } = await program.ask<{ costMs: number; promisesPerSecond: number }>('duty', {
  forMs: isQuick ? 4000 : 6000,
});
await program.stop();
const share = (costMs / PERIOD_MS) * 100;
console.log(`  ${fixed(promisesPerSecond, 0)} promises a second: one window costs ${fixed(costMs)} ms\n`);

const added = (side: Side, kind: 'sync' | 'async') =>
  median(results.get(side)?.[kind] ?? []) - median(results.get('bare')?.[kind] ?? []);
for (const kind of ['async', 'sync'] as const) {
  const ns = added('tasks', kind);
  printGoal(
    `tier one with live calls, ${kind}: at most ${TIER_ONE_GOAL_NS} ns`,
    `${fixed(ns)} ns added`,
    ns <= TIER_ONE_GOAL_NS,
  );
}
const isCheap = share <= DUTY_GOAL_PERCENT;
printGoal(`tier two: at most ${DUTY_GOAL_PERCENT} % of the time`, `${fixed(share, 3)} % by its own clock`, isCheap);
