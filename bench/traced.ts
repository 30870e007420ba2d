// Nanoseconds per call of a traced function beside hand-written telemetry, with and without an OpenTelemetry SDK.
import { isQuick, startProgram } from './support/program.js';
import { median, quantile } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

/** Without a recorder, and with one, which is also told where the time of the call goes. */
const GOAL_NS = { nothing: 250, store: 400 } as const;
type Side = 'plain' | 'traced' | 'hand' | 'handActive' | 'prom';
type Rounds = Readonly<Partial<Record<Side, readonly number[]>>>;

const FAMILIES = [
  { name: 'nothing', title: 'no SDK, nobody records', hasSdk: false },
  { name: 'store', title: 'no SDK, recorded by our store (loopsight/register)', hasSdk: false },
  { name: 'sdk', title: 'SDK, spans not exported; metrics into its MeterProvider', hasSdk: true },
  { name: 'sdk-batch', title: 'SDK, BatchSpanProcessor; metrics into its MeterProvider', hasSdk: true },
  {
    name: 'sdk-batch-store',
    title: 'SDK, BatchSpanProcessor; metrics into our store (loopsight/register)',
    hasSdk: true,
  },
] as const;

const SIDES: Readonly<Record<Side, string>> = {
  plain: 'the function alone',
  traced: 'traced()',
  hand: 'startActiveSpan + histogram.record by hand',
  handActive: 'the same and an up-down counter of calls in flight, as traced() has',
  prom: 'prom-client: histogram and gauge by hand, no span',
};

// What a call costs in a window is in function-time.ts.
const WITHOUT_WINDOWS = { LOOPSIGHT_FUNCTION_TIME: 'on-demand' };

const plan = isQuick ? { rounds: 7, roundMs: 10, warmUpMs: 150 } : { rounds: 21, roundMs: 20, warmUpMs: 400 };
const verdicts: (() => void)[] = [];

printHeading('One call of a traced function: ns of CPU time, a process of its own for each table');
for (const family of FAMILIES) {
  for (const kind of ['sync', 'async'] as const) {
    const program = await startProgram('traced', { args: [family.name], env: WITHOUT_WINDOWS });
    const rounds = await program.ask<Rounds>('measure', { kind, ...plan });
    await program.stop();
    printFamily(
      `${family.title}; ${kind === 'sync' ? 'a synchronous function' : 'an async function, awaited'}`,
      rounds,
    );
    judge(`${family.name}, ${kind}`, family.hasSdk, rounds);
  }
}
console.log();
for (const verdict of verdicts) verdict();

function added(rounds: Rounds, side: Side): number {
  return median(rounds[side] ?? [Number.NaN]) - median(rounds.plain ?? [Number.NaN]);
}

function printFamily(title: string, rounds: Rounds): void {
  console.log(`\n${title}`);
  const rows = (Object.keys(SIDES) as Side[]).flatMap((side) => {
    const values = rounds[side];
    if (values === undefined) return [];
    const extremes = [quantile(values, 0.1), quantile(values, 0.9)].map((value) => fixed(value));
    return [
      [SIDES[side], fixed(median(values)), extremes.join(' – '), side === 'plain' ? '' : fixed(added(rounds, side))],
    ];
  });
  printTable(['', 'median', '10 % – 90 % of rounds', 'added'], rows);
}

function judge(name: string, hasSdk: boolean, rounds: Rounds): void {
  const ours = added(rounds, 'traced');
  const hand = added(rounds, 'hand');
  if (hasSdk) {
    const figure = `${fixed(ours)} ns added by traced(), ${fixed(hand)} by hand`;
    verdicts.push(() => printGoal(`${name}: no dearer than the hand-written pair`, figure, ours <= hand));
  } else {
    const goal = GOAL_NS[name.startsWith('nothing') ? 'nothing' : 'store'];
    verdicts.push(() => printGoal(`${name}: at most ${goal} ns`, `${fixed(ours)} ns added`, ours <= goal));
  }
}
