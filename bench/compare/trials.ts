// Many simulated deploys, and how often each rule calls them worse.

import type { Answer, Comparison } from '../../src/compare/observations.js';
import { compare } from '../../src/compare/statistics/compare.js';
import { createLibrary, type Library } from './minutes.js';
import { NAIVE_RULES } from './naive.js';
import { createRandom } from './random.js';
import { type Deploy, simulateDeploy } from './scenarios.js';
import type { World } from './world.js';

/** Our rule's name in the tables. */
export const OURS = 'loopsight compare';

/** How often each rule said worse, and how often ours gave each answer, as shares of the runs. */
export interface Outcome {
  readonly runs: number;
  readonly worse: Readonly<Record<string, number>>;
  readonly answers: Readonly<Record<Answer, number>>;
}

/** Deploys to simulate, with seeds from `seed` on. */
export interface Task {
  readonly world: World;
  readonly deploy: Deploy;
  readonly runs: number;
  readonly seed: number;
  /** Whether to ask the naive rules too. */
  readonly withNaive: boolean;
  /** How often to look within the hour; once, at its end, where it is not given. */
  readonly looks?: number | undefined;
}

/** How often equal versions are called worse by any of several looks that share the error rate, or that have all of it each. */
export interface LooksOutcome {
  readonly shared: number;
  readonly each: number;
}

/** Simulates the deploys and asks every rule. */
export function runTrials({ world, deploy, runs, seed, withNaive }: Task): Outcome {
  const library = libraryOf(world);
  const worse = Object.fromEntries([OURS, ...(withNaive ? Object.keys(NAIVE_RULES) : [])].map((name) => [name, 0]));
  const answers = { better: 0, 'no difference': 0, worse: 0, inconclusive: 0 };
  for (let run = 0; run < runs; run += 1) {
    const comparison = simulateDeploy(world, library, createRandom(seed + run), deploy);
    const { verdict } = compare(comparison);
    answers[verdict] += 1 / runs;
    for (const name of Object.keys(worse)) {
      const isWorse = name === OURS ? verdict === 'worse' : (NAIVE_RULES[name]?.(comparison) ?? false);
      if (isWorse) worse[name] = (worse[name] ?? 0) + 1 / runs;
    }
  }
  return { runs, worse, answers };
}

/** Simulates the deploys and looks several times at each. */
export function runLooks({ world, deploy, runs, seed }: Task, looks: number): LooksOutcome {
  const library = libraryOf(world);
  let [shared, each] = [0, 0];
  for (let run = 0; run < runs; run += 1) {
    const whole = simulateDeploy(world, library, createRandom(seed + run), deploy);
    const parts = Array.from({ length: looks }, (_, index) => firstPart(whole, (index + 1) / looks));
    const isWorse = (part: Comparison, index: number) =>
      compare(part, { look: { number: index + 1, of: looks } }).verdict === 'worse';
    if (parts.some(isWorse)) shared += 1 / runs;
    if (parts.some((part) => compare(part).verdict === 'worse')) each += 1 / runs;
  }
  return { shared, each };
}

const AFTER_S = 3600;

function firstPart({ baseline, candidate, past }: Comparison, share: number): Comparison {
  const early = ({ startS }: { readonly startS: number }) => startS < share * AFTER_S;
  return {
    baseline: { ...baseline, blocks: baseline.blocks.filter(early) },
    candidate: { ...candidate, blocks: candidate.blocks.filter(early) },
    past,
  };
}

const libraries = new Map<number, Library>();
const LIBRARY_SEED = 20_261_121;

function libraryOf({ tail }: World): Library {
  const library = libraries.get(tail) ?? createLibrary(LIBRARY_SEED, tail);
  libraries.set(tail, library);
  return library;
}
