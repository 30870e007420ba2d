// Collects the blocks of a stretch of time: one query for each figure, all steps of one query at once.
import { ATTRIBUTES, LATENCY_BOUNDS_S, METRICS } from '../../metric-names.js';
import { prometheusLabel } from '../../prometheus/naming.js';
import type { Stretch } from '../sides.js';
import { blocksOf, type LabelledBlock } from './blocks.js';
import type { PrometheusClient, Range } from './client.js';
import type { Discovery } from './discover.js';
import type { Series } from './matrix.js';
import { anyOf, equals, gain, promqlDuration, selector } from './promql.js';

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

/** What counts as load: HTTP requests, else calls of traced functions, else tasks of queues. */
export type Load = 'requests' | 'calls' | 'tasks' | 'nothing';

/** A process is told by its target, and by its slot where several share one endpoint. */
const INSTANCE_LABELS = ['instance', 'process'] as const;
const FUNCTION_LABEL = prometheusLabel(ATTRIBUTES.codeFunctionName);
/** Of each of our histograms. */
export const BUCKETS = LATENCY_BOUNDS_S.length + 1;
const LOADS: Readonly<Record<Load, (discovery: Discovery) => string | undefined>> = {
  requests: ({ set, matchers }) => selector(set.nameOf(METRICS.httpServerRequestDuration, '_count'), matchers),
  calls: ({ set, matchers }) => selector(set.nameOf(METRICS.functionDuration, '_count'), matchers),
  tasks: ({ set, matchers }) =>
    selector(set.nameOf(METRICS.queueTasks), [
      ...matchers,
      equals(prometheusLabel(ATTRIBUTES.queueTaskState), 'completed'),
    ]),
  nothing: () => undefined,
};

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
  const loadSeries = LOADS[load]({ ...discovery, matchers });
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

/** What counts the load of a job at that time: the first that counted anything. Rejects with UnreadableData. */
export async function findLoad(client: PrometheusClient, discovery: Discovery, stretch: Stretch): Promise<Load> {
  for (const load of ['requests', 'calls', 'tasks'] as const) {
    const series = LOADS[load](discovery);
    if (series === undefined) continue;
    const found = await gainOver(client, series, [], stretch);
    if (found.some(({ values }) => [...values.values()].some((value) => value > 0))) return load;
  }
  return 'nothing';
}

/** The functions with the most time in any of the stretches. Rejects with UnreadableData. */
export async function findFunctions(
  client: PrometheusClient,
  { set, matchers }: Discovery,
  stretches: readonly Stretch[],
  limit: number,
): Promise<readonly string[]> {
  const sums = selector(set.nameOf(METRICS.functionDuration, '_sum'), matchers);
  const found = await Promise.all(stretches.map((stretch) => gainOver(client, sums, [FUNCTION_LABEL], stretch)));
  const times = new Map<string, number>();
  for (const { labels, values } of found.flat()) {
    const name = labels.get(FUNCTION_LABEL) ?? '';
    times.set(name, Math.max(times.get(name) ?? 0, ...values.values()));
  }
  return [...times]
    .filter(([name, time]) => name !== '' && time > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, limit)
    .map(([name]) => name);
}

const TYPICAL_SCRAPES = 20;
const DEFAULT_INTERVAL_S = 15;
const MOMENTS = 6;

/** The time between two scrapes of a job, seconds, as its series tell. Rejects with UnreadableData. */
export async function findInterval(
  client: PrometheusClient,
  { set, matchers }: Discovery,
  thread: string,
  { startS, endS }: Stretch,
): Promise<number> {
  const spanS = Math.max(1, Math.min(Math.floor(endS - startS), DEFAULT_INTERVAL_S * TYPICAL_SCRAPES));
  const of = selector(set.nameOf(METRICS.eventLoopLag, '_count'), [...matchers, equals('thread_name', thread)]);
  // At several moments: at the last one scrapes may be missing.
  const range = { startS: Math.min(endS, Math.max(startS + spanS, endS - MOMENTS * spanS)), endS, stepS: spanS };
  const found = await client.range(`max(count_over_time(${of}[${promqlDuration(spanS)}]))`, range);
  const scrapes = Math.max(0, ...found.flatMap(({ values }) => [...values.values()]));
  return scrapes < 2 ? DEFAULT_INTERVAL_S : spanS / scrapes;
}

function gainOver(
  client: PrometheusClient,
  series: string,
  labels: readonly string[],
  { startS, endS }: Stretch,
): Promise<readonly Series[]> {
  const query = gain(labels, series, Math.max(1, Math.round(endS - startS)));
  return client.range(query, { startS: endS, endS, stepS: 1 });
}

/** Whole blocks alone, at multiples of their length, so that the same question gets the same answer a second later. */
function rangeOf({ startS, endS }: Stretch, blockS: number): Range | undefined {
  const first = Math.ceil(startS / blockS) * blockS;
  const last = Math.floor(endS / blockS) * blockS;
  return last > first ? { startS: first, endS: last, stepS: blockS } : undefined;
}
