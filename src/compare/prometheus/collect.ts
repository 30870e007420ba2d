// Collects the blocks of a stretch of time: one query for each figure, all steps of one query at once.
import { ATTRIBUTES, LATENCY_BOUNDS_S, METRICS } from '../../metric-names.js';
import { prometheusLabel } from '../../prometheus/naming.js';
import type { Stretch } from '../sides.js';
import { blocksOf, type LabelledBlock } from './blocks.js';
import type { PrometheusClient, Range } from './client.js';
import type { Discovery } from './discover.js';
import { type Load, loadSelector } from './load.js';
import type { Series } from './matrix.js';
import { anyOf, equals, gain, selector } from './promql.js';

/** What is collected of one job. */
export interface CollectOptions {
  readonly discovery: Discovery;
  readonly by: string | undefined;
  readonly thread: string;
  /** What counts the load. */
  readonly load: Load;
  /** The functions whose durations are wanted. */
  readonly functions: readonly string[];
}

/** Where instances are; the same name may be in several of them. */
export const PLACE_LABELS = ['cluster', 'namespace'] as const;
/** A process is told by its target, and by its slot where several share one endpoint. */
export const INSTANCE_LABELS = [...PLACE_LABELS, 'instance', 'process'] as const;
export const FUNCTION_LABEL = prometheusLabel(ATTRIBUTES.codeFunctionName);
/** Of each of our histograms. */
export const BUCKETS = LATENCY_BOUNDS_S.length + 1;
/**
 * Collects every block of `blockS` within `stretch`, of the given values of the label alone where they are given. Rejects
 * with UnreadableData.
 */
export async function collectBlocks(
  client: PrometheusClient,
  options: CollectOptions,
  stretch: Stretch,
  blockS: number,
  values?: readonly string[],
): Promise<readonly LabelledBlock[]> {
  const { discovery, by, thread, load } = options;
  const { set, labelOn, infoMatchers, loops } = discovery;
  const range = rangeOf(stretch, blockS);
  if (range === undefined) return [];
  const chosen = values !== undefined && by !== undefined && labelOn === 'series' ? [anyOf(by, values)] : [];
  const matchers = [...discovery.matchers, ...chosen];
  const own = [...matchers, equals('thread_name', thread)];
  const labels = [...new Set([...INSTANCE_LABELS, ...(by !== undefined && labelOn === 'series' ? [by] : [])])];
  const gained = (of: string, further: readonly string[] = [], times = 1) =>
    client.range(gain([...labels, ...further], of, blockS), range, loops * times);
  const largest = (of: string) => client.range(`max by (${labels.join(', ')}) (${of})`, range, loops);
  const state = equals(prometheusLabel(ATTRIBUTES.eventLoopState), 'active');
  const loadSeries = loadSelector(load, { ...discovery, matchers });
  const none = Promise.resolve<readonly Series[]>([]);
  const functions =
    options.functions.length === 0 ? undefined : [...matchers, anyOf(FUNCTION_LABEL, options.functions)];
  const ofFunctions = (suffix: '_bucket' | '_sum', further: readonly string[], times: number) =>
    functions === undefined
      ? none
      : gained(selector(set.nameOf(METRICS.functionDuration, suffix), functions), further, times);

  const [present, infos, uptime, requests, loopActive, gc, lagBuckets, lagSum, functionBuckets, functionSum] =
    await Promise.all([
      client.range(
        `count by (${labels.join(', ')}) (${selector(set.nameOf(METRICS.eventLoopLag, '_count'), own)})`,
        range,
        loops,
      ),
      labelOn === 'target_info'
        ? client.range(
            `count by (${[...new Set([...INSTANCE_LABELS, by])].join(', ')}) (${selector('target_info', infoMatchers)})`,
            range,
            loops,
          )
        : none,
      largest(selector(set.nameOf(METRICS.processUptime), matchers)),
      loadSeries === undefined ? none : gained(loadSeries),
      gained(selector(set.nameOf(METRICS.eventLoopTime), [...own, state])),
      gained(selector(set.nameOf(METRICS.gcDuration, '_sum'), own)),
      gained(selector(set.nameOf(METRICS.eventLoopLag, '_bucket'), own), ['le'], BUCKETS),
      gained(selector(set.nameOf(METRICS.eventLoopLag, '_sum'), own)),
      ofFunctions('_bucket', [FUNCTION_LABEL, 'le'], BUCKETS * options.functions.length),
      ofFunctions('_sum', [FUNCTION_LABEL], options.functions.length),
    ]);
  const answers = {
    ...{ present, infos, uptime, requests, loopActive, gc },
    ...{ lagBuckets, lagSum, functionBuckets, functionSum },
  };
  const found = blocksOf(answers, {
    instanceLabels: INSTANCE_LABELS,
    by,
    labelOn,
    functionLabel: FUNCTION_LABEL,
    blockS,
  });
  return values === undefined ? found : found.filter(({ value }) => value !== undefined && values.includes(value));
}

/** Values that a stretch of time takes about. */
export function expectedValues({ discovery, functions }: Pick<CollectOptions, 'discovery' | 'functions'>): number {
  return discovery.loops * (8 + BUCKETS + functions.length * (1 + BUCKETS));
}

/** Whole blocks alone, at multiples of their length, so that the same question gets the same answer a second later. */
function rangeOf({ startS, endS }: Stretch, blockS: number): Range | undefined {
  const first = Math.ceil(startS / blockS) * blockS;
  const last = Math.floor(endS / blockS) * blockS;
  return last > first ? { startS: first, endS: last, stepS: blockS } : undefined;
}
