// What the use of a lock that is found by itself costs, from asking for it to giving it back.
import { isQuick, startProgram } from './support/program.js';
import { median, quantile } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const GOAL_NS = 2000;

type Rounds = Readonly<Record<'without' | 'again' | 'with', readonly number[]>>;

printHeading('One use of a lock, from asking for it to giving it back: ns of CPU time, median of the rounds');
const program = await startProgram('locks');
const plan = isQuick ? { rounds: 9, roundMs: 30, warmUpMs: 200 } : { rounds: 31, roundMs: 60, warmUpMs: 600 };
const results: { readonly name: string; readonly rounds: Rounds }[] = [];
for (const name of await program.ask<readonly string[]>('names', undefined))
  results.push({ name, rounds: await program.ask<Rounds>('measure', { name, plan }) });
await program.stop();
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
  printGoal(`at most ${GOAL_NS} ns: ${name}`, `${fixed(addedNs, 0)} ns`, addedNs <= GOAL_NS);
}

function difference(rounds: Rounds, side: 'with' | 'again'): number[] {
  return rounds[side].map((ns, round) => ns - (rounds.without[round] ?? Number.NaN));
}

function range(values: readonly number[]): string {
  return [0.25, 0.75].map((share) => fixed(quantile(values, share), 0)).join(' – ');
}
