// Everything that is compared, from a Prometheus.

import { duration } from '../../status/wording.js';
import type { Collected, SideTime } from '../collected.js';
import type { Block, Side } from '../observations.js';
import { chooseSides, type SideOfValue, type Stretch } from '../sides.js';
import type { PrometheusClient } from './client.js';
import {
  BUCKETS,
  type CollectOptions,
  collectBlocks,
  expectedValues,
  findFunctions,
  findInterval,
  findLoad,
} from './collect.js';
import { type Discovery, discover, listed, VERSION_LABEL } from './discover.js';

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

/** At least this many scrapes make a block. */
const SCRAPES_OF_A_BLOCK = 4;
const BLOCKS_S = [60, 150, 300] as const;
const LONG_BLOCK_S = 300;
const PAST_BLOCKS = 5;
const ENOUGH_PAST_S = 2 * 86_400;
/** So little of it is worth a note. */
const SHORT_PAST_S = 86_400;
const FUNCTIONS = 12;
/** Of functions, so many series at most: of many instances, fewer functions. */
const FUNCTION_SERIES = 12_000;
/** Of the past, as many values as take some seconds to ask for. */
const PAST_VALUES = 1_500_000;

/** Finds and collects both sides and the time before them. Rejects with UnreadableData. */
export async function collectComparison(client: PrometheusClient, request: CollectRequest): Promise<Collected> {
  const { distinction, thread, nowS } = request;
  const label = distinction.kind === 'label' ? distinction.label : undefined;
  const discovery = await discover(client, { ...request, by: label, values: valuesOf(distinction), endS: nowS });
  const sides = sidesOf(discovery, request);
  const times = [sides.baseline.time, sides.candidate.time];
  const [load, functions, intervalS] = await Promise.all([
    findLoad(client, discovery, sides.candidate.time),
    findFunctions(client, discovery, times, functionsFor(discovery)),
    findInterval(client, discovery, thread, sides.candidate.time),
  ]);
  const options: CollectOptions = { discovery, by: label, thread, load, functions };
  const blockS = request.blockS ?? blockFor(intervalS);
  const pastBlockS = pastBlockFor(blockS, request, expectedValues(options));
  const pastStart = Math.min(...times.map(({ startS }) => startS));
  const past = pastStretch(pastStart, pastBlockS, request.pastS, expectedValues(options));
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

function blockFor(intervalS: number): number {
  const least = intervalS * SCRAPES_OF_A_BLOCK;
  // A scrape more or less in the time that was looked at is no other interval.
  return BLOCKS_S.find((blockS) => blockS >= least * 0.9) ?? Math.ceil(least / 60) * 60;
}

/** Blocks as short as those of the sides, if that leaves enough of the past: both are joined to the longer ones. */
function pastBlockFor(blockS: number, { blockS: asked, pastS }: CollectRequest, valuesOfBlock: number): number {
  const longS = asked === undefined ? Math.max(LONG_BLOCK_S, blockS) : blockS * PAST_BLOCKS;
  const shortEnough = pastBlocks(valuesOfBlock) * blockS >= Math.min(pastS, ENOUGH_PAST_S);
  return shortEnough ? blockS : longS;
}

function pastBlocks(valuesOfBlock: number): number {
  return Math.max(1, Math.floor(PAST_VALUES / Math.max(1, valuesOfBlock)));
}

function pastStretch(endS: number, blockS: number, pastS: number, valuesOfBlock: number): Stretch {
  return { startS: Math.max(0, endS - Math.min(pastS, pastBlocks(valuesOfBlock) * blockS)), endS };
}
