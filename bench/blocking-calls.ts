// Nanoseconds that the wrappers around blocking calls add to one call.
import { isQuick, startProgram } from './support/program.js';
import { median, quantile } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

/** Two readings of the clock are most of what a timed call costs. */
const TIMED_GOAL_NS = 200;
const UNTIMED_GOAL_NS = 5;

interface Result {
  readonly isTimed: boolean;
  readonly rounds: Readonly<Record<'original' | 'again' | 'wrapped', readonly number[]>>;
}

printHeading('Wrapped calls: ns of CPU time per call, median of the rounds');
const program = await startProgram('blocking-calls');
const plan = isQuick ? { rounds: 11, roundMs: 10, warmUpMs: 150 } : { rounds: 41, roundMs: 20, warmUpMs: 400 };
const results = Object.entries(await program.ask<Readonly<Record<string, Result>>>('measure', plan));
await program.stop();

/** What a side adds to the original, round by round: both ran within the same moment. */
function added({ rounds }: Result, side: 'again' | 'wrapped'): number[] {
  return rounds[side].map((ns, round) => ns - (rounds.original[round] ?? Number.NaN));
}
const range = (values: readonly number[]) => [0.25, 0.75].map((share) => fixed(quantile(values, share))).join(' – ');

printTable(
  ['', 'original', 'wrapped', 'added', 'half of the rounds', 'the original again'],
  results.map(([name, result]) => {
    const wrapped = added(result, 'wrapped');
    const { rounds } = result;
    const figures = [median(rounds.original), median(rounds.wrapped), median(wrapped)].map((value) => fixed(value));
    return [name, ...figures, range(wrapped), range(added(result, 'again'))];
  }),
);
for (const [isTimed, goalNs] of [
  [false, UNTIMED_GOAL_NS],
  [true, TIMED_GOAL_NS],
] as const) {
  const ofKind = results.filter(([, result]) => result.isTimed === isTimed);
  const worst = Math.max(...ofKind.map(([, result]) => median(added(result, 'wrapped'))));
  // What the original itself differs by from one round to the next cannot be told from a cost.
  const isMet = ofKind.every(([, result]) => {
    const again = added(result, 'again');
    return median(added(result, 'wrapped')) <= goalNs + quantile(again, 0.75) - quantile(again, 0.25);
  });
  const kind = isTimed ? 'timed' : 'not timed';
  printGoal(`at most ${goalNs} ns added to a call that is ${kind}`, `${fixed(worst)} ns at worst`, isMet);
}
