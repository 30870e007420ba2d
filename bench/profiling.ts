// What continuous profiling costs: a server with it beside one without, an idle program, and the moments in which V8 is asked.
import { isQuick, PRELOADS, type Program, startProgram } from './support/program.js';
import { type Estimate, estimateRatio, median, shuffled } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const CPU_GOAL = 1.03;
const CONNECTIONS = 16;
const BLOCKS = isQuick ? 3 : 12;
const SLICES = isQuick ? 4 : 6;
const WARM_UP_REQUESTS = isQuick ? 4000 : 10_000;
const SLICE_REQUESTS = isQuick ? 2000 : 4000;
const IDLE_MS = isQuick ? 4000 : 15_000;

/** One side; the second one without tells how much two equal servers differ. */
const SIDES = {
  'without a profile': {},
  'without a profile again (A/A)': {},
  'every 20 ms': { LOOPSIGHT_PROFILE: 'on', LOOPSIGHT_PROFILE_INTERVAL_MS: '20' },
  'every 20 ms, without routes': { LOOPSIGHT_PROFILE: 'on', LOOPSIGHT_PROFILE_ROUTES: 'off' },
  'every 10 ms': { LOOPSIGHT_PROFILE: 'on', LOOPSIGHT_PROFILE_INTERVAL_MS: '10' },
  'every 1 ms': { LOOPSIGHT_PROFILE: 'on', LOOPSIGHT_PROFILE_INTERVAL_MS: '1' },
} as const;
type Side = keyof typeof SIDES;
const NAMES = Object.keys(SIDES) as Side[];
const REFERENCE: Side = 'without a profile';

interface Usage {
  readonly cpuUs: number;
}

interface Result {
  readonly requestUs: number;
  readonly idleMsPerS: number;
  readonly memoryMiB: number;
}

const load = await startProgram('load');
await compareServers();
await printMoments();
await load.stop();

async function compareServers(): Promise<void> {
  printHeading('A server that answers "ok" under loopsight/register, profiled and not');
  const blocks: Map<Side, Result>[] = [];
  for (let block = 0; block < BLOCKS; block++) blocks.push(await runBlock());
  const rows = NAMES.map((side) => {
    const figure = (name: keyof Result) => median(blocks.map((block) => block.get(side)?.[name] ?? Number.NaN));
    const ratio = side === REFERENCE ? '' : describe(ratioOf(blocks, side));
    return [side, fixed(figure('requestUs'), 2), ratio, fixed(figure('idleMsPerS'), 2), fixed(figure('memoryMiB'), 1)];
  });
  printTable(['', 'CPU µs/request', 'to none [95 %]', 'idle: CPU ms/s', 'memory, MiB'], rows);
  const { value } = ratioOf(blocks, 'every 20 ms');
  printGoal('at most 3 % of CPU per request at the default interval', fixed(value, 3), value <= CPU_GOAL);
}

async function runBlock(): Promise<Map<Side, Result>> {
  const servers = new Map<Side, { readonly program: Program; readonly port: number }>();
  for (const side of shuffled(NAMES)) {
    const program = await startProgram('server', {
      execArgv: [...PRELOADS.loopsight, '--expose-gc'],
      env: SIDES[side],
    });
    const port = await program.ask<number>('listen');
    await load.ask('run', { port, requests: WARM_UP_REQUESTS, connections: CONNECTIONS });
    servers.set(side, { program, port });
  }
  const slices = new Map<Side, number[]>(NAMES.map((side) => [side, []]));
  for (const side of Array.from({ length: SLICES }, () => shuffled(NAMES)).flat()) {
    const server = servers.get(side);
    if (server !== undefined) slices.get(side)?.push(await requestUs(server.program, server.port));
  }
  const results = new Map<Side, Result>();
  const idle = await Promise.all(
    [...servers].map(async ([side, { program }]) => [side, await idleCpu(program)] as const),
  );
  for (const [side, idleMsPerS] of idle) {
    const { anonymous } = (await servers.get(side)?.program.ask<{ anonymous: number }>('memory', 0)) ?? {
      anonymous: 0,
    };
    results.set(side, { requestUs: median(slices.get(side) ?? []), idleMsPerS, memoryMiB: anonymous / 2 ** 20 });
  }
  for (const { program } of servers.values()) await program.stop();
  return results;
}

async function requestUs(server: Program, port: number): Promise<number> {
  const before = await server.ask<Usage>('usage');
  await load.ask('run', { port, requests: SLICE_REQUESTS, connections: CONNECTIONS });
  const after = await server.ask<Usage>('usage');
  return (after.cpuUs - before.cpuUs) / SLICE_REQUESTS;
}

async function idleCpu(server: Program): Promise<number> {
  const before = await server.ask<Usage>('usage');
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const after = await server.ask<Usage>('usage');
  return (after.cpuUs - before.cpuUs) / IDLE_MS;
}

/** How long the main thread is held by each request of a session, in a small program and in one with much code. */
async function printMoments(): Promise<void> {
  printHeading('How long the main thread is held, in ms (medians)');
  const rows: string[][] = [];
  for (const size of ['small', 'large']) {
    const program = await startProgram('profile-moments', { args: [size] });
    const { start, rotate, stopAndStart, gap } = await program.ask<Record<string, number>>('measure');
    await program.stop();
    rows.push([`a ${size} program`, ...[start, rotate, stopAndStart, gap].map((ms) => fixed(ms ?? Number.NaN, 2))]);
  }
  printTable(['', 'start', 'next window', 'stop and start instead', 'gap of those'], rows);
}

function ratioOf(blocks: readonly Map<Side, Result>[], side: Side): Estimate {
  return estimateRatio(
    blocks.map((block) => (block.get(side)?.requestUs ?? Number.NaN) / (block.get(REFERENCE)?.requestUs ?? Number.NaN)),
  );
}

function describe({ value, low, high }: Estimate): string {
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}
