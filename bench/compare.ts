// How often `loopsight compare` and the rules that people use call a deploy worse, where it is and where it is not.
import { createPool } from './compare/pool.js';
import { SCENARIOS, type Scenario } from './compare/scenarios.js';
import type { Version } from './compare/simulate.js';
import { OURS, type Outcome } from './compare/trials.js';
import { ORDINARY, OTHER_WORLDS, type World } from './compare/world.js';
import { printGoal, printHeading, printMarkdownTable } from './support/table.js';

const isQuick = process.argv.includes('--quick');
const RUNS = isQuick ? { same: 50, worse: 20, looks: 20, other: 10 } : { same: 400, worse: 100, looks: 50, other: 20 };
const LOAD_SHIFTS = [1, 1.5] as const;
const LOOKS = 6;
/** None of the seeds from here on was used while the method was made. */
const FIRST_SEED = 5_000_000;
const SEEDS_PER_CELL = 1000;

const SAME: Version = { cost: 1, blocksS: 0 };
const REGRESSIONS: readonly { readonly name: string; readonly version: Version; readonly goal?: number }[] = [
  { name: '× 1.3', version: { cost: 1.3, blocksS: 0 }, goal: 0.5 },
  { name: '× 1.5', version: { cost: 1.5, blocksS: 0 }, goal: 0.8 },
  { name: 'blocks 200 ms every 10 s', version: { cost: 1, blocksS: 0.2 } },
];
const ROWS = SCENARIOS.flatMap((scenario) => LOAD_SHIFTS.map((loadShift) => ({ scenario, loadShift })));

let cells = 0;
const pool = createPool();
const results = await Promise.all(
  ROWS.map(async (row) => ({ row, same: await same(ORDINARY, row), worse: await regressions(ORDINARY, row) })),
);

printHeading(
  `Deploys that are called worse, percent: equal versions · ${REGRESSIONS.map(({ name }) => name).join(' · ')}`,
);
console.log(`4 instances, one hour; ${RUNS.same} deploys of equal versions, ${RUNS.worse} of each regression a row\n`);
const rules = Object.keys(results[0]?.same.worse ?? {});
printMarkdownTable(
  ['', ...rules],
  results.map(({ row, same: equal, worse }) => [
    labelOf(row),
    ...rules.map((rule) => [equal, ...worse].map((outcome) => percentOf(outcome.worse[rule] ?? 0)).join(' · ')),
  ]),
);
console.log('');
const worst = Math.max(...results.map(({ same: equal }) => equal.worse[OURS] ?? 1));
printGoal('equal versions called worse in at most 2 % in every row', `${percentOf(worst)} %`, worst <= 0.02);
REGRESSIONS.forEach(({ name, goal }, index) => {
  if (goal === undefined) return;
  const least = Math.min(...results.map(({ worse }) => worse[index]?.worse[OURS] ?? 0));
  printGoal(`${name} found in at least ${percentOf(goal)} % in every row`, `${percentOf(least)} %`, least >= goal);
});

printHeading('What compare says of equal versions, percent');
const ANSWERS = ['no difference', 'inconclusive', 'better', 'worse'] as const;
printMarkdownTable(
  ['', ...ANSWERS],
  results.map(({ row, same: { answers } }) => [labelOf(row), ...ANSWERS.map((answer) => percentOf(answers[answer]))]),
);

printHeading(`Equal versions called worse by any of ${LOOKS} looks within the hour, percent`);
const looks = await Promise.all(
  SCENARIOS.map(async (scenario) => {
    const deploy = { scenario, loadShift: 1, candidate: SAME };
    const task = { world: ORDINARY, deploy, runs: RUNS.looks, seed: nextSeed(), withNaive: false, looks: LOOKS };
    const { shared, each } = await pool.looks(task);
    return [scenario, percentOf(shared), percentOf(each)];
  }),
);
printMarkdownTable(['', 'looks share the error rate', 'each has all of it'], looks);

printHeading('compare in other worlds, percent: equal versions at load × 1.5 · × 1.3 · × 1.5');
const others = await Promise.all(
  OTHER_WORLDS.map(async (world) => {
    const row = await Promise.all(
      SCENARIOS.map(async (scenario) => {
        const equal = await trial(world, { scenario, loadShift: 1.5 }, SAME, 2 * RUNS.other, false);
        const worse = await Promise.all(
          REGRESSIONS.slice(0, 2).map(({ version }) =>
            trial(world, { scenario, loadShift: 1 }, version, RUNS.other, false),
          ),
        );
        return [equal, ...worse].map((outcome) => percentOf(outcome.worse[OURS] ?? 0)).join(' · ');
      }),
    );
    return [world.name, ...row];
  }),
);
printMarkdownTable(['', ...SCENARIOS], others);
pool.stop();

interface Row {
  readonly scenario: Scenario;
  readonly loadShift: number;
}

function same(world: World, row: Row): Promise<Outcome> {
  return trial(world, row, SAME, RUNS.same, true);
}

function regressions(world: World, row: Row): Promise<Outcome[]> {
  return Promise.all(REGRESSIONS.map(({ version }) => trial(world, row, version, RUNS.worse, true)));
}

function trial(world: World, row: Row, candidate: Version, runs: number, withNaive: boolean): Promise<Outcome> {
  return pool.trials({ world, deploy: { ...row, candidate }, runs, seed: nextSeed(), withNaive });
}

function nextSeed(): number {
  cells += 1;
  return FIRST_SEED + cells * SEEDS_PER_CELL;
}

function labelOf({ scenario, loadShift }: Row): string {
  return loadShift === 1 ? scenario : `${scenario}, load × ${loadShift}`;
}

function percentOf(share: number): string {
  return (100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0);
}
