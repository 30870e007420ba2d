// Which bound of lag a service level can have: the arithmetic, from what was in each hour.
import { NAMED_BOUNDS_S } from '../../grafana/rules/option-kinds.js';

/** An hour of a job: all main loops together. */
export interface Hour {
  /** Unix time of its end, seconds. */
  readonly endS: number;
  /** Moments in which lag was probed. */
  readonly moments: number;
  /** Moments with at most so much lag, by the bound in seconds. */
  readonly within: ReadonlyMap<number, number>;
}

/** What the hours would have been with one bound. */
export interface Candidate {
  readonly boundS: number;
  /** Share of the moments that were good. */
  readonly good: number;
  /** Share of the budget that was used up; 1 is all of it. */
  readonly budget: number;
  /** The same of the worst day; in a day a whole budget may go 30 times as fast. */
  readonly worstDay: number;
  /** Hours in which the budget went as fast as a page needs. */
  readonly pages: number;
}

/** What can be said. */
export interface Suggestion {
  readonly objective: number;
  readonly candidates: readonly Candidate[];
  /** The strictest bound that would have held with room to spare, and that somebody notices; undefined where none did. */
  readonly chosen: Candidate | undefined;
  /** Where none did: the strictest of the usual objectives below that has a bound. */
  readonly instead: { readonly objective: number; readonly boundS: number } | undefined;
  readonly hours: number;
}

/** Lag below this hurts nobody, and a service level that is stricter pages for nothing. */
export const SMALLEST_BOUND_S = 0.05;
/** What may be used up of the budget by what is usual: the rest is for what is not. */
export const USUAL_BUDGET = 0.5;
/** How many times too fast the budget goes in an hour that pages (as in grafana/alerts/service-level.ts). */
const PAGE_FACTOR = 14.4;
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** Hours with fewer moments say little: one loop has about 72,000. */
const MINIMUM_MOMENTS = 1000;
const OBJECTIVES = [0.9999, 0.9995, 0.999, 0.995, 0.99, 0.98, 0.95, 0.9] as const;

/** Suggests a bound for `objective`, the share of moments that are to be good; undefined where no hour has enough moments. */
export function suggest(hours: readonly Hour[], objective: number): Suggestion | undefined {
  const told = hours.filter(({ moments }) => moments >= MINIMUM_MOMENTS);
  if (told.length === 0) return undefined;
  const candidates = candidatesFor(told, objective);
  const chosen = choose(candidates);
  const lower = OBJECTIVES.filter((each) => each < objective);
  const instead = lower.flatMap((each) => {
    const bound = choose(candidatesFor(told, each));
    return bound === undefined ? [] : [{ objective: each, boundS: bound.boundS }];
  });
  return { objective, candidates, chosen, instead: chosen === undefined ? instead[0] : undefined, hours: told.length };
}

function candidatesFor(hours: readonly Hour[], objective: number): readonly Candidate[] {
  return NAMED_BOUNDS_S.filter((boundS) => hours.every(({ within }) => within.has(boundS))).map((boundS) => {
    const slow = hours.map(({ moments, within }) => Math.max(moments - (within.get(boundS) ?? 0), 0));
    const burn = (from: number, to: number) =>
      sum(slow.slice(from, to)) / sum(hours.slice(from, to).map(({ moments }) => moments)) / (1 - objective);
    const budget = burn(0, hours.length);
    return {
      boundS,
      good: 1 - budget * (1 - objective),
      budget,
      worstDay: Math.max(...daysOf(hours).map(([from, to]) => burn(from, to))),
      pages: hours.filter((_, at) => burn(at, at + 1) > PAGE_FACTOR).length,
    };
  });
}

function choose(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.find(({ boundS, budget }) => boundS >= SMALLEST_BOUND_S && budget <= USUAL_BUDGET);
}

/** Every stretch of a day, as the places of its first hour and of the one behind its last; the whole where it is shorter. */
function daysOf(hours: readonly Hour[]): readonly (readonly [from: number, to: number])[] {
  const beganS = hours[0]?.endS ?? 0;
  let from = 0;
  const days = hours.flatMap(({ endS }, at) => {
    while ((hours[from]?.endS ?? endS) <= endS - DAY_S) from++;
    return endS - beganS >= DAY_S - HOUR_S ? [[from, at + 1] as const] : [];
  });
  return days.length === 0 ? [[0, hours.length]] : days;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
