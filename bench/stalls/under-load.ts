// What a server pays per request while it is watched, at a rate that leaves it idle most of the time.
import { isQuick, type Program, startProgram } from '../support/program.js';
import { areApart, type Estimate, estimateRatio, median, shuffled } from '../support/statistics.js';
import { fixed, percent, printGoal, printHeading, printTable } from '../support/table.js';
import { type Side, type Sides, startSide } from './sides.js';

const PER_SECOND = 2_000;
const CONNECTIONS = 16;
const BLOCKS = isQuick ? 3 : 6;
const SLICES = isQuick ? 2 : 4;
const SLICE_S = 1;
const WARM_UP_REQUESTS = isQuick ? 4_000 : 10_000;

interface Usage {
  readonly cpuUs: number;
}

/** CPU time per request of each side in one block, in microseconds. */
type Block = ReadonlyMap<Side, number>;

/** Measures and prints it. */
export async function measureUnderLoad(all: Sides): Promise<void> {
  const { bare, bareAgain, timer, ours, withoutBlame, withoutWatch, peers } = all;
  const sides = [bare, bareAgain, timer, ours, withoutBlame, withoutWatch, ...peers];
  printHeading(`An HTTP server that answers ${PER_SECOND} requests a second: CPU time of all threads per request`);
  const load = await startProgram('load');
  const blocks: Block[] = [];
  for (let i = 0; i < BLOCKS; i++) blocks.push(await runBlock(sides, load));
  await load.stop();

  const cpuUs = (side: Side) => median(blocks.map((block) => block.get(side) ?? Number.NaN));
  const ratio = (side: Side, to = bare) =>
    estimateRatio(blocks.map((block) => (block.get(side) ?? Number.NaN) / (block.get(to) ?? Number.NaN)));
  const ratios = new Map(sides.map((side) => [side, ratio(side)]));
  const equal = ratios.get(bareAgain) ?? ratio(bareAgain);
  const found = ratios.get(ours) ?? equal;
  const captures = ratio(ours, withoutBlame);
  printTable(
    ['', 'µs/request', '% of one core', 'to bare [95 %]', ''],
    sides.map((side) => [
      side.name,
      fixed(cpuUs(side), 2),
      fixed((cpuUs(side) * PER_SECOND) / 1e4, 2),
      side === bare ? '' : describe(ratios.get(side) ?? equal),
      side === bare || side === bareAgain ? '' : claim(ratios.get(side) ?? equal, equal),
    ]),
  );
  printGoal(
    'under load indistinguishable from a bare server',
    `${describe(found)}, equal servers ${describe(equal)}`,
    !areApart(found, equal),
  );
  printGoal(
    'captures ready, indistinguishable from LOOPSIGHT_BLAME=off',
    `${describe(captures)}, equal servers ${describe(equal)}`,
    !areApart(captures, equal),
  );
}

// Processes of their own in every block, slices in random order: as bench/http.ts does.
async function runBlock(sides: readonly Side[], load: Program): Promise<Block> {
  const servers = new Map<Side, { program: Program; port: number }>();
  for (const side of shuffled(sides)) {
    const program = await startSide(side, 'server');
    const port = await program.ask<number>('listen');
    await load.ask('run', { port, requests: WARM_UP_REQUESTS, connections: CONNECTIONS });
    servers.set(side, { program, port });
  }
  const slices = new Map<Side, number[]>(sides.map((side) => [side, []]));
  for (const side of Array.from({ length: SLICES }, () => shuffled(sides)).flat()) {
    const server = servers.get(side);
    if (server !== undefined) slices.get(side)?.push(await measureSlice(server.program, load, server.port));
  }
  for (const { program } of servers.values()) await program.stop();
  return new Map([...slices].map(([side, values]) => [side, median(values)]));
}

async function measureSlice(server: Program, load: Program, port: number): Promise<number> {
  const before = await server.ask<Usage>('usage');
  await load.ask('pace', { port, perSecond: PER_SECOND, seconds: SLICE_S, connections: CONNECTIONS });
  const after = await server.ask<Usage>('usage');
  return (after.cpuUs - before.cpuUs) / (PER_SECOND * SLICE_S);
}

function describe({ value, low, high }: Estimate): string {
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

function claim(side: Estimate, equal: Estimate): string {
  return areApart(side, equal) ? percent(side.value) : 'indistinguishable';
}
