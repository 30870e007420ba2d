// What an HTTP server pays: the time inside our hooks, and a bare server with and without us and our peers.
import { isQuick, PRELOAD_NAMES, PRELOADS, type Preload, type Program, startProgram } from './support/program.js';
import { areApart, type Estimate, estimateRatio, median, shuffled } from './support/statistics.js';
import { fixed, percent, printGoal, printHeading, printTable } from './support/table.js';

const HOOK_GOAL_NS = 1000;
const CONNECTIONS = 16;
const BLOCKS = isQuick ? 4 : 18;
const SLICES = 5;
const WARM_UP_REQUESTS = isQuick ? 4_000 : 10_000;
const SLICE_REQUESTS = isQuick ? 1_500 : 3_500;

interface HookTime {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  readonly p99: number;
}
type HookTimes = Readonly<Record<'start' | 'finish' | 'close' | 'control', HookTime | undefined>>;

interface Usage {
  readonly cpuUs: number;
}

/** One side of the comparison; the second bare one tells how much two equal servers differ. */
interface Side {
  readonly name: string;
  readonly preload: Preload;
}
const REFERENCE: Side = { name: 'bare', preload: 'bare' };
const SIDES: readonly Side[] = [
  { name: 'bare again (A/A)', preload: 'bare' },
  ...(['loopsight', 'prom-client', 'otel-runtime'] as const).map((preload) => ({
    name: PRELOAD_NAMES[preload],
    preload,
  })),
];

interface Result {
  readonly cpuUs: number;
  readonly perSecond: number;
}

const load = await startProgram('load');
await printHookTimes();
await compareServers();
await load.stop();

async function printHookTimes(): Promise<void> {
  printHeading(
    'Time inside our HTTP hooks: ns per request, measured around them in a server that answers real requests',
  );
  const rows: string[][] = [];
  for (const keepAlive of [true, false]) {
    const times = await timeHooks(keepAlive);
    const clock = times.control?.mean ?? Number.NaN;
    let total = 0;
    for (const hook of ['start', 'finish', 'close'] as const) {
      const time = times[hook];
      // One listener per connection: with kept connections it runs once for thousands of requests.
      if (time === undefined || (hook === 'close' && keepAlive)) continue;
      const net = time.mean - clock;
      total += net;
      const figures = [time.mean, clock, net, time.median, time.p99].map((value) => fixed(value, 0));
      rows.push([`${keepAlive ? 'kept connections' : 'a connection each'}: ${hook}`, ...figures]);
    }
    rows.push([`${keepAlive ? 'kept connections' : 'a connection each'}: sum`, '', '', fixed(total, 0), '', '']);
  }
  printTable(['', 'mean', 'of it clock and publish', 'ours', 'median', '99 % of them below'], rows);
  for (const row of rows.filter(([name]) => name?.endsWith('sum'))) {
    const ours = Number(row[3]);
    printGoal(`at most 1 µs per request, ${row[0]}`, `${ours} ns`, ours <= HOOK_GOAL_NS);
  }
}

async function timeHooks(keepAlive: boolean): Promise<HookTimes> {
  const execArgv = [...PRELOADS.loopsight, '--import', './bench/programs/preload-hook-timer.mjs'];
  const server = await startProgram('server', { execArgv });
  const port = await server.ask<number>('listen');
  const requests = (isQuick ? 20_000 : 60_000) / (keepAlive ? 1 : 4);
  await load.ask('run', { port, requests, connections: CONNECTIONS, keepAlive });
  await server.ask('hooks');
  await load.ask('run', { port, requests, connections: CONNECTIONS, keepAlive });
  const times = await server.ask<HookTimes>('hooks');
  await server.stop();
  return times;
}

async function compareServers(): Promise<void> {
  printHeading('A server that answers "ok", alone and with somebody watching');
  const blocks: Map<Side, Result>[] = [];
  for (let block = 0; block < BLOCKS; block++) blocks.push(await runBlock());

  const equal = ratiosOf(blocks, SIDES[0] ?? REFERENCE);
  const rows = [REFERENCE, ...SIDES].map((side) => {
    const cpu = median(blocks.map((block) => block.get(side)?.cpuUs ?? Number.NaN));
    const rate = median(blocks.map((block) => block.get(side)?.perSecond ?? Number.NaN));
    const figures = [side.name, fixed(cpu, 2), fixed(rate, 0)];
    if (side === REFERENCE) return figures;
    const ratios = ratiosOf(blocks, side);
    const claims = side === SIDES[0] ? [] : [claim(ratios.cpu, equal.cpu), claim(ratios.rate, equal.rate)];
    return [...figures, describe(ratios.cpu), describe(ratios.rate), ...claims];
  });
  printTable(
    ['', 'CPU µs/request', 'requests/s', 'CPU to bare [95 %]', 'requests/s to bare [95 %]', 'CPU', 'requests/s'],
    rows,
  );
  const pairs = blocks.map(
    (block) => (block.get(SIDES[0] ?? REFERENCE)?.cpuUs ?? 0) / (block.get(REFERENCE)?.cpuUs ?? 0),
  );
  console.log(
    `  single pairs of equal servers differed by ${percent(Math.min(...pairs))} to ${percent(Math.max(...pairs))} in CPU`,
  );
}

// Processes of their own in every block: equal servers differ more between processes than within one.
async function runBlock(): Promise<Map<Side, Result>> {
  const sides = shuffled([REFERENCE, ...SIDES]);
  const servers = new Map<Side, { program: Program; port: number }>();
  for (const side of sides) {
    const program = await startProgram('server', { execArgv: PRELOADS[side.preload] });
    const port = await program.ask<number>('listen');
    await load.ask('run', { port, requests: WARM_UP_REQUESTS, connections: CONNECTIONS });
    servers.set(side, { program, port });
  }
  const parts = new Map<Side, Result[]>();
  // Short slices in random orders, so that a disturbance of some seconds meets every side.
  for (const side of Array.from({ length: SLICES }, () => shuffled(sides)).flat()) {
    const server = servers.get(side);
    if (server === undefined) continue;
    const results = parts.get(side) ?? [];
    results.push(await measureServer(server.program, server.port, SLICE_REQUESTS));
    parts.set(side, results);
  }
  for (const { program } of servers.values()) await program.stop();
  return new Map(
    [...parts].map(([side, results]) => [
      side,
      {
        cpuUs: median(results.map(({ cpuUs }) => cpuUs)),
        perSecond: median(results.map(({ perSecond }) => perSecond)),
      },
    ]),
  );
}

async function measureServer(server: Program, port: number, requests: number): Promise<Result> {
  const before = await server.ask<Usage>('usage');
  const { seconds } = await load.ask<{ seconds: number }>('run', { port, requests, connections: CONNECTIONS });
  const after = await server.ask<Usage>('usage');
  return { cpuUs: (after.cpuUs - before.cpuUs) / requests, perSecond: requests / seconds };
}

function ratiosOf(blocks: readonly Map<Side, Result>[], side: Side): { cpu: Estimate; rate: Estimate } {
  const ratio = (figure: keyof Result) =>
    estimateRatio(
      blocks.map((block) => (block.get(side)?.[figure] ?? Number.NaN) / (block.get(REFERENCE)?.[figure] ?? Number.NaN)),
    );
  return { cpu: ratio('cpuUs'), rate: ratio('perSecond') };
}

function describe({ value, low, high }: Estimate): string {
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

function claim(side: Estimate, equal: Estimate): string {
  return areApart(side, equal) ? percent(side.value) : 'indistinguishable';
}
