// Minutes of one event loop, simulated request by request: a queue with one server, Poisson arrivals, heavy-tailed
// service and random probes. An hour is put together from them, so that lag counts depend on each other as they do in
// truth (one long request is seen by every probe that waits behind it).
import { createRandom, type Random } from './random.js';

/** One minute in units of the mean service time: how busy it was, and the waits of its probes, cumulated over fine bins. */
export interface Minute {
  readonly busy: number;
  readonly cumulated: Uint32Array;
  readonly probes: number;
}

/** Minutes by utilization. */
export interface Library {
  pick(utilization: number, random: Random): Minute;
}

const UNITS_PER_MINUTE = 12_000;
const PROBE_EVERY = 10;
const LEVELS: readonly number[] = [
  0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.225, 0.25, 0.275, 0.3, 0.325, 0.35, 0.375, 0.4, 0.425,
  0.45, 0.475, 0.5, 0.525, 0.55, 0.575, 0.6, 0.625, 0.65, 0.675, 0.7, 0.725, 0.75, 0.775, 0.8, 0.825, 0.85, 0.875, 0.9,
  0.925, 0.95,
];

const BINS_PER_DECADE = 24;
const FIRST_BIN = 0.05;
const BINS = 6 * BINS_PER_DECADE;

/** The fine bin whose upper edge is the last one that is not above the value, in units of the mean service time. */
export function binOf(value: number): number {
  const bin = Math.floor(Math.log10(value / FIRST_BIN) * BINS_PER_DECADE);
  return Math.min(BINS - 1, Math.max(-1, bin));
}

/** Simulates the library; `tail` is the share of requests that follow a Pareto law of shape 2.2. */
export function createLibrary(seed: number, tail: number, minutesPerLevel = 64): Library {
  const random = createRandom(seed);
  const service = createService(random, tail);
  const levels = LEVELS.map((level) => simulate(level, service, random, minutesPerLevel));
  function pick(utilization: number, draws: Random): Minute {
    const above = LEVELS.findIndex((level) => level >= utilization);
    const upper = above === -1 ? LEVELS.length - 1 : above;
    const lower = Math.max(0, upper - 1);
    const from = LEVELS[lower] ?? 0;
    const to = LEVELS[upper] ?? 1;
    const share = to > from ? (utilization - from) / (to - from) : 1;
    const minutes = levels[draws.uniform() < share ? upper : lower] ?? [];
    const minute = minutes[Math.floor(draws.uniform() * minutes.length)];
    if (minute === undefined) throw new RangeError('the library is empty');
    return minute;
  }
  return { pick };
}

const SIGMA = 0.8;
const TAIL_SHAPE = 2.2;
const TAIL_MEAN = 8;

/** Service times of mean 1. */
function createService(random: Random, tail: number): () => number {
  const tailScale = (TAIL_MEAN * (TAIL_SHAPE - 1)) / TAIL_SHAPE;
  const bodyMean = (1 - tail * TAIL_MEAN) / (1 - tail);
  const location = Math.log(bodyMean) - SIGMA ** 2 / 2;
  return () =>
    random.uniform() < tail
      ? tailScale * (1 - random.uniform()) ** (-1 / TAIL_SHAPE)
      : Math.exp(location + SIGMA * random.normal());
}

function simulate(utilization: number, service: () => number, random: Random, count: number): Minute[] {
  const minutes: Minute[] = [];
  let work = 0;
  let toArrival = random.exponential() / utilization;
  let toProbe = PROBE_EVERY * random.exponential();
  for (let index = 0; index < count; index += 1) {
    const counts = new Uint32Array(BINS + 1);
    let probes = 0;
    let busy = 0;
    for (let now = 0; now < UNITS_PER_MINUTE; ) {
      const step = Math.min(toArrival, toProbe);
      busy += Math.min(work, step);
      work = Math.max(0, work - step);
      now += step;
      toArrival -= step;
      toProbe -= step;
      if (toArrival <= 0) {
        work += service();
        toArrival = random.exponential() / utilization;
      } else {
        probes += 1;
        const bin = binOf(work) + 1;
        counts[bin] = (counts[bin] ?? 0) + 1;
        toProbe = PROBE_EVERY * random.exponential();
      }
    }
    for (let bin = 1; bin <= BINS; bin += 1) counts[bin] = (counts[bin] ?? 0) + (counts[bin - 1] ?? 0);
    minutes.push({ busy: busy / UNITS_PER_MINUTE, cumulated: counts, probes });
  }
  return minutes;
}
