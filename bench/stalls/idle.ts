// The standing cost: an idle HTTP server's share of a core and its memory, all sides at the same time.
import { setTimeout as wait } from 'node:timers/promises';
import { isQuick, type Program } from '../support/program.js';
import { type Estimate, estimateRatio, median, shuffled } from '../support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from '../support/table.js';
import { type Side, type Sides, startSide } from './sides.js';

const GOAL = 2.2;
const STARTS = isQuick ? 1 : 2;
const WINDOWS = isQuick ? 3 : 4;
const WINDOW_MS = isQuick ? 5_000 : 10_000;
/** V8 compiles and collects what the start has left behind for this long. */
const SETTLE_MS = 12_000;
const MIB = 1024 * 1024;

interface Figures {
  /** Share of one core in each window. */
  readonly cpu: number[];
  readonly rss: number[];
}

/** Measures and prints it. */
export async function measureIdle(all: Sides): Promise<void> {
  const { bare, timer, ours, withoutBlame, withoutWatch, peers, slowPeers } = all;
  const sides = [bare, timer, ours, withoutBlame, withoutWatch, ...peers, ...slowPeers];
  printHeading(
    `An idle HTTP server, all threads: ${STARTS} starts × ${WINDOWS} windows of ${WINDOW_MS / 1000} s, all sides at the same time`,
  );
  const figures = new Map<Side, Figures>(sides.map((side) => [side, { cpu: [], rss: [] }]));
  for (let i = 0; i < STARTS; i++) await measureStart(figures);

  const ratio = (side: Side): Estimate => {
    const own = figures.get(side)?.cpu ?? [];
    return estimateRatio(own.map((cpu, window) => cpu / (figures.get(timer)?.cpu[window] ?? Number.NaN)));
  };
  const ratios = new Map(sides.map((side) => [side, ratio(side)]));
  const rss = (side: Side) => median(figures.get(side)?.rss ?? []) / MIB;
  printTable(
    ['', 'CPU, % of one core', 'to the timer [95 %]', 'RSS, MiB', 'added'],
    sides.map((side) => [
      side.name,
      fixed(median(figures.get(side)?.cpu ?? []) * 100, 3),
      side === bare || side === timer ? '' : describe(ratios.get(side)),
      fixed(rss(side)),
      side === bare ? '' : fixed(rss(side) - rss(bare)),
    ]),
  );
  const found = ratios.get(ours);
  printGoal(`idle, at most ${GOAL} times the bare 50 ms timer`, describe(found), (found?.value ?? Number.NaN) <= GOAL);
}

async function measureStart(figures: ReadonlyMap<Side, Figures>): Promise<void> {
  const running: { side: Side; program: Program }[] = [];
  for (const side of shuffled([...figures.keys()])) {
    const program = await startSide(side, 'server', ['--expose-gc']);
    await program.ask('listen');
    running.push({ side, program });
  }
  await wait(SETTLE_MS);
  for (let window = 0; window < WINDOWS; window++) {
    await Promise.all(
      running.map(async ({ side, program }) => {
        const before = await program.ask<{ cpuUs: number }>('usage');
        const startMs = performance.now();
        await wait(WINDOW_MS);
        const { cpuUs } = await program.ask<{ cpuUs: number }>('usage');
        figures.get(side)?.cpu.push((cpuUs - before.cpuUs) / 1000 / (performance.now() - startMs));
      }),
    );
  }
  for (const { side, program } of running) {
    figures.get(side)?.rss.push((await program.ask<{ rss: number }>('memory', 0)).rss);
    await program.stop();
  }
}

function describe(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '';
  const { value, low, high } = estimate;
  return `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}
