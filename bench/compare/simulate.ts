// Blocks of a simulated service: the load and the costs wander, the lag comes out of the queue.

import type { Block, Increase } from '../../src/compare/observations.js';
import { LATENCY_BOUNDS_S } from '../../src/metric-names.js';
import { binOf, type Library, type Minute } from './minutes.js';
import { upperNormalTail } from './normal.js';
import { createWandering, DAY_S, shapeOfDay, type Wandering } from './processes.js';
import type { Random } from './random.js';
import type { World } from './world.js';

/** What a version does. */
export interface Version {
  /** On the loop time of every request. */
  readonly cost: number;
  /** How long it blocks every ten seconds, seconds. */
  readonly blocksS: number;
}

/** One process. */
export interface Process {
  readonly instance: string;
  readonly bornS: number;
  /** When it got its first request. */
  readonly servesFromS: number;
  readonly version: Version;
  /** Its lasting deviation, logarithm. */
  readonly deviation: number;
  readonly gcDeviation: number;
  readonly own: Wandering;
  readonly ownLoad: Wandering;
}

/** What is common to all processes of a run. */
export interface Weather {
  /** Logarithm of the load per instance relative to the world's. */
  load(timeS: number): number;
  /** Logarithm of what requests cost relative to the world's. */
  cost(timeS: number): number;
}

/** Starts a process. */
export function createProcess(
  world: World,
  random: Random,
  process: Pick<Process, 'instance' | 'bornS' | 'servesFromS' | 'version'> & { readonly machine: number },
): Process {
  return {
    ...process,
    deviation: process.machine + world.restartSpread * random.normal(),
    gcDeviation: 2 * world.instanceSpread * random.normal(),
    own: createWandering(world.ownSpread, world.ownS, random),
    ownLoad: createWandering(world.ownLoadSpread, world.loadS, random),
  };
}

/** Starts the weather; `dayS` is the time of day of the second 0. Ask for times in order. */
export function createWeather(world: World, random: Random, dayS: number): Weather {
  const load = createWandering(world.loadSpread, world.loadS, random);
  const cost = createWandering(world.driftSpread, world.driftS, random);
  return {
    load: (timeS) => world.dailyAmplitude * shapeOfDay(timeS + dayS) + load.at(timeS),
    cost: (timeS) => world.dailyCost * shapeOfDay(timeS + dayS - DAY_S / 8) + cost.at(timeS),
  };
}

const MINUTE_S = 60;
const GC_PER_REQUEST_S = 0.000_3;
const QUERY_S = 0.012;
const BLOCKS_EVERY_S = 10;

/** What one process shows for one block, given the logarithms of load and cost that all share. */
export function simulateBlock(
  world: World,
  library: Library,
  random: Random,
  process: Process,
  at: { readonly startS: number; readonly durationS: number; readonly load: number; readonly cost: number },
): Block {
  const { startS, durationS } = at;
  const fresh = world.warmUp * Math.exp(-Math.max(0, startS - process.servesFromS) / world.warmUpS);
  const cost = Math.exp(at.cost + process.own.at(startS) + process.deviation + fresh) * process.version.cost;
  const serves = startS >= process.servesFromS;
  const wanted = serves ? world.load * Math.exp(at.load + process.ownLoad.at(startS)) : 0;
  const serviceS = world.serviceS * cost;
  // A minute is in units of the service time: the bounds are brought to them once.
  const bins = LATENCY_BOUNDS_S.map((bound) => Math.max(0, binOf(bound / serviceS) + 1));
  const lag = new Array<number>(LATENCY_BOUNDS_S.length + 1).fill(0);
  let loopActiveS = 0;
  let requests = 0;
  for (let fromS = 0; fromS < durationS; fromS += MINUTE_S) {
    const lengthS = Math.min(MINUTE_S, durationS - fromS);
    const nominal = wanted * serviceS + world.background;
    const minute = library.pick(nominal, random);
    loopActiveS += Math.min(1, (minute.busy / Math.min(nominal, 0.95)) * nominal) * lengthS;
    addProbes(lag, bins, minute, lengthS / MINUTE_S);
    addBlocks(lag, process.version.blocksS, minute.probes * (lengthS / MINUTE_S));
    loopActiveS += (process.version.blocksS / BLOCKS_EVERY_S) * lengthS;
    // What a loop cannot do stays undone: answers are bounded by the time that there is.
    requests += random.poisson(Math.min(wanted, 1 / serviceS) * lengthS);
  }
  const gcCost = GC_PER_REQUEST_S * Math.exp(process.gcDeviation + at.cost + fresh / 2 + 0.15 * random.normal());
  return {
    instance: process.instance,
    startS,
    durationS,
    ageS: startS - process.bornS,
    requests,
    loopActiveS,
    gcS: requests * gcCost,
    lag: { bounds: LATENCY_BOUNDS_S, counts: lag, sum: undefined },
    functions: new Map([
      ['render', drawDurations(random, requests * 0.3, serviceS, 0.8)],
      ['query', drawDurations(random, requests * 0.2, QUERY_S * Math.exp(at.cost + 0.05 * random.normal()), 0.9)],
    ]),
  };
}

/** Adds a share of the probes of a minute to the counts of our buckets. */
function addProbes(counts: number[], bins: readonly number[], { cumulated, probes }: Minute, share: number): void {
  let below = 0;
  bins.forEach((bin, index) => {
    const reached = cumulated[bin] ?? probes;
    counts[index] = (counts[index] ?? 0) + Math.round((reached - below) * share);
    below = reached;
  });
  counts[bins.length] = (counts[bins.length] ?? 0) + Math.round((probes - below) * share);
}

/** Probes that fall into a block wait for its end: anything up to its length, evenly. */
function addBlocks(counts: number[], blocksS: number, probes: number): void {
  const caught = probes * (blocksS / BLOCKS_EVERY_S);
  let below = 0;
  [...LATENCY_BOUNDS_S, Number.POSITIVE_INFINITY].forEach((bound, index) => {
    const reached = Math.min(1, bound / blocksS);
    if (blocksS > 0) counts[index] = (counts[index] ?? 0) + Math.round(caught * (reached - below));
    below = reached;
  });
}

/** Log-normal durations with a median and spread, whose median wobbles from block to block. */
function drawDurations(random: Random, calls: number, medianS: number, spread: number): Increase {
  const median = medianS * Math.exp(0.03 * random.normal());
  let below = 0;
  const counts = LATENCY_BOUNDS_S.map((bound) => {
    const reached = 1 - upperNormalTail(Math.log(bound / median) / spread);
    const count = random.poisson(calls * (reached - below));
    below = reached;
    return count;
  });
  counts.push(random.poisson(calls * Math.max(0, 1 - below)));
  return { bounds: LATENCY_BOUNDS_S, counts, sum: undefined };
}
