// The four ways in which a version follows another, with the history before it.
import type { Block, Comparison } from '../../src/compare/observations.js';
import type { Library } from './minutes.js';
import { DAY_S } from './processes.js';
import type { Random } from './random.js';
import { createProcess, createWeather, type Process, simulateBlock, type Version } from './simulate.js';
import type { World } from './world.js';

export type Scenario = 'canary' | 'rolling' | 'blue/green' | 'before/after';
export const SCENARIOS: readonly Scenario[] = ['canary', 'rolling', 'blue/green', 'before/after'];

/** What happens at the deploy. */
export interface Deploy {
  readonly scenario: Scenario;
  /** What the candidate does: a cost of 1 without blocks is A/A. */
  readonly candidate: Version;
  /** Factor on the load of the candidate (a canary's share, or everybody's load after the deploy). */
  readonly loadShift: number;
}

const HOUR_S = 3600;
const ROLL_EVERY_S = 120;
const GREEN_STARTS_BEFORE_S = 300;

/** When a process serves, and on which side its blocks are. */
interface Shift {
  readonly process: Process;
  readonly untilS: number;
  readonly candidate: boolean;
}

/** Simulates one deploy at the second 0: an hour before and an hour after it, and the history. */
export function simulateDeploy(world: World, library: Library, random: Random, deploy: Deploy): Comparison {
  const weather = createWeather(world, random, random.uniform() * DAY_S);
  const fromS = -HOUR_S - world.historyDays * DAY_S;
  const { history, shifts } = planShifts(world, random, deploy, fromS);
  const past: Block[] = [];
  const baseline: Block[] = [];
  const candidate: Block[] = [];
  for (let startS = fromS; startS < HOUR_S; ) {
    const durationS = startS < -HOUR_S ? 300 : 60;
    const load = weather.load(startS);
    const cost = weather.cost(startS);
    const shifted = startS >= 0 && deploy.scenario !== 'canary' ? Math.log(deploy.loadShift) : 0;
    for (const shift of startS < -HOUR_S ? history : shifts) {
      const { process } = shift;
      if (startS < process.bornS || startS >= shift.untilS) continue;
      const own = shift.candidate && deploy.scenario === 'canary' ? Math.log(deploy.loadShift) : shifted;
      const block = simulateBlock(world, library, random, process, { startS, durationS, load: load + own, cost });
      if (shift.candidate) candidate.push(block);
      else if (startS < -HOUR_S || (deploy.scenario === 'canary' && startS < 0)) past.push(block);
      else baseline.push(block);
    }
    startS += durationS;
  }
  return { baseline: { label: 'A', blocks: baseline }, candidate: { label: 'B', blocks: candidate }, past };
}

function planShifts(
  world: World,
  random: Random,
  deploy: Deploy,
  fromS: number,
): { history: Shift[]; shifts: Shift[] } {
  const keepsNames = deploy.scenario === 'before/after';
  const machines = Array.from({ length: world.instances }, () => world.instanceSpread * random.normal());
  const start = (name: string, index: number, bornS: number, version: Version, servesFromS = bornS): Process => {
    const machine = keepsNames ? (machines[index] ?? 0) : world.instanceSpread * random.normal();
    const instance = keepsNames ? `host-${index}` : `${name}-${index}`;
    return createProcess(world, random, { instance, bornS, servesFromS, machine, version });
  };
  const fleet = (name: string, bornS: number, version: Version): Process[] =>
    machines.map((_, index) => start(name, index, bornS, version));

  const everyS = world.deployEveryDays * DAY_S;
  const bornS = [fromS - DAY_S];
  for (let next = fromS + everyS * random.uniform(); next < -3 * HOUR_S; next += everyS)
    bornS.push(Math.round(next / 300) * 300);
  // The level after the last deploy of the history is 1: the history's other versions differ from it.
  const costs = bornS.map((_, index) =>
    index === bornS.length - 1 ? 1 : Math.exp(world.deploySpread * random.normal()),
  );
  const fleets = bornS.map((born, index) => fleet(`old${index}`, born, { cost: costs[index] ?? 1, blocksS: 0 }));
  const history = fleets.flatMap((processes, index) =>
    processes.map((process) => ({ process, untilS: bornS[index + 1] ?? -HOUR_S, candidate: false })),
  );
  const current = fleets.at(-1) ?? [];
  const after = { canary: 1, rolling: machines.length, 'blue/green': machines.length, 'before/after': machines.length };
  const shifts: Shift[] = [];
  current.forEach((process, index) => {
    const untilS = { canary: HOUR_S, rolling: index * ROLL_EVERY_S, 'blue/green': 0, 'before/after': 0 }[
      deploy.scenario
    ];
    shifts.push({ process, untilS, candidate: false });
  });
  for (let index = 0; index < after[deploy.scenario]; index += 1) {
    const servesFromS = deploy.scenario === 'rolling' ? index * ROLL_EVERY_S : 0;
    const born = deploy.scenario === 'blue/green' ? -GREEN_STARTS_BEFORE_S : servesFromS;
    shifts.push({ process: start('new', index, born, deploy.candidate, servesFromS), untilS: HOUR_S, candidate: true });
  }
  return { history, shifts };
}
