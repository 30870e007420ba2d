// Everything that is compared, from a Prometheus.

import { duration } from '../../status/wording.js';
import type { Collected, SideTime } from '../collected.js';
import { listed } from '../listed.js';
import type { Block, Side } from '../observations.js';
import { chooseSides, type SideOfValue } from '../sides.js';
import { blockLength, pastOf } from './block-length.js';
import type { PrometheusClient } from './client.js';
import { BUCKETS, type CollectOptions, collectBlocks, expectedValues } from './collect.js';
import { type Discovery, discover, VERSION_LABEL } from './discover.js';
import { findFunctions, findInterval, findLoad, findPlaces } from './survey.js';

/** What tells the two sides apart. */
export type Distinction =
  | {
      readonly kind: 'label';
      /** The label as Prometheus has it. */
      readonly label: string;
      readonly baseline: string | undefined;
      readonly candidate: string | undefined;
    }
  | { readonly kind: 'time'; readonly baseline: SideTime; readonly candidate: SideTime };

/** What to collect. */
export interface CollectRequest {
  readonly job: string | undefined;
  readonly match: readonly (readonly [label: string, value: string])[];
  readonly thread: string;
  readonly distinction: Distinction;
  /** Longest stretch of each side, seconds. */
  readonly windowS: number;
  /** How far back versions are looked for, seconds. */
  readonly lookbackS: number;
  /** How much of the time before is looked at, seconds. */
  readonly pastS: number;
  /** Length of a block, seconds; undefined where the scrape interval decides. */
  readonly blockS: number | undefined;
  /** Unix time, seconds. */
  readonly nowS: number;
}

/** So little of it is worth a note. */
const SHORT_PAST_S = 86_400;
const FUNCTIONS = 12;
/** Of functions, so many series at most: of many instances, fewer functions. During a rollout an answer has twice as many. */
const FUNCTION_SERIES = 10_000;
/** Finds and collects both sides and the time before them. Rejects with UnreadableData. */
export async function collectComparison(client: PrometheusClient, request: CollectRequest): Promise<Collected> {
  const { distinction, thread, nowS } = request;
  const label = distinction.kind === 'label' ? distinction.label : undefined;
  const discovery = await discover(client, { ...request, by: label, values: valuesOf(distinction), endS: nowS });
  const sides = sidesOf(discovery, request);
  const times = [...new Set([sides.baseline.time, sides.candidate.time])];
  const distinguished = { by: label, values: [sides.baseline.value, sides.candidate.value] };
  const [load, functions, intervalS, places] = await Promise.all([
    findLoad(client, discovery, times),
    findFunctions(client, discovery, times, functionsFor(discovery)),
    findInterval(client, discovery, thread, times, distinguished),
    findPlaces(client, discovery, times),
  ]);
  const options: CollectOptions = { discovery, by: label, thread, load, functions };
  const valuesOfBlock = expectedValues(options);
  const longestS = Math.max(...times.map(({ startS, endS }) => endS - startS));
  const blockS = blockLength({ askedS: request.blockS, intervalS, longestS, valuesOfBlock });
  const earliestS = Math.min(...times.map(({ startS }) => startS));
  const { stretch: past, blockS: pastBlockS } = pastOf(earliestS, { ...request, usedS: blockS, valuesOfBlock });
  const [[baseline, candidate], before] = await Promise.all([
    collectSides(client, options, sides, blockS),
    collectBlocks(client, { ...options, by: undefined }, past, pastBlockS),
  ]);
  const notes = [
    ...(load === 'nothing'
      ? [
          'Nothing counts the load (HTTP requests, calls of traced functions, tasks of queues), so nothing can be told per request.',
        ]
      : []),
    ...(places.length === 0
      ? []
      : [`The instances are in several places, which --match tells apart: ${listed(places)}.`]),
    ...(past.endS - past.startS < Math.min(request.pastS, SHORT_PAST_S)
      ? [
          `Of the time before, only ${duration(past.endS - past.startS)} are looked at, because the job has many series.`,
        ]
      : []),
  ];
  return {
    comparison: { baseline, candidate, past: before.map(({ block }) => block) },
    source: client.shown,
    job: listed(discovery.jobs),
    label,
    baseline: { label: sides.baseline.value, ...sides.baseline.time },
    candidate: { label: sides.candidate.value, ...sides.candidate.time },
    chosen: distinction.kind === 'label' && (distinction.baseline === undefined || distinction.candidate === undefined),
    load,
    blockS,
    notes,
    warnings: [...client.warnings],
  };
}

function valuesOf(distinction: Distinction): readonly string[] {
  if (distinction.kind === 'time') return [];
  return [distinction.baseline, distinction.candidate].filter((value) => value !== undefined);
}

function sidesOf(
  discovery: Discovery,
  { distinction, windowS, lookbackS, nowS }: CollectRequest,
): { readonly baseline: SideOfValue; readonly candidate: SideOfValue } {
  if (distinction.kind === 'time') {
    const side = ({ label, startS, endS }: SideTime) => ({ value: label, time: { startS, endS } });
    return { baseline: side(distinction.baseline), candidate: side(distinction.candidate) };
  }
  const { label, baseline, candidate } = distinction;
  const what = label === VERSION_LABEL ? 'version' : label;
  const { appearances, stepS, lateStepS, lateFromS } = discovery;
  return chooseSides(appearances, { what, baseline, candidate, windowS, lookbackS, nowS, stepS, lateStepS, lateFromS });
}

async function collectSides(
  client: PrometheusClient,
  options: CollectOptions,
  { baseline, candidate }: { readonly baseline: SideOfValue; readonly candidate: SideOfValue },
  blockS: number,
): Promise<[Side, Side]> {
  const side = (label: string, blocks: readonly { readonly block: Block }[]): Side => ({
    label,
    blocks: blocks.map(({ block }) => block),
  });
  if (options.by === undefined) {
    const [before, after] = await Promise.all(
      [baseline, candidate].map(({ time }) => collectBlocks(client, options, time, blockS)),
    );
    return [side(baseline.value, before ?? []), side(candidate.value, after ?? [])];
  }
  if (baseline.time === candidate.time) {
    const both = await collectBlocks(client, options, baseline.time, blockS, [baseline.value, candidate.value]);
    const of = (wanted: string) => both.filter(({ value }) => value === wanted);
    return [side(baseline.value, of(baseline.value)), side(candidate.value, of(candidate.value))];
  }
  const [before, after] = await Promise.all(
    [baseline, candidate].map(({ value, time }) => collectBlocks(client, options, time, blockS, [value])),
  );
  return [side(baseline.value, before ?? []), side(candidate.value, after ?? [])];
}

function functionsFor({ loops }: Discovery): number {
  return Math.min(FUNCTIONS, Math.floor(FUNCTION_SERIES / (BUCKETS * Math.max(1, loops))));
}
