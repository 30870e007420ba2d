// Asks a Prometheus where Loopsight's metrics are, under which names, and when each version (or other label) was there.
import { METRIC_SETS, type MetricSet } from '../../../grafana/sets.js';
import { METRICS } from '../../metric-names.js';
import { printable } from '../../status/wording.js';
import { listed } from '../listed.js';
import { shownLength } from '../times.js';
import { UnreadableData } from '../unreadable.js';
import { explainAbsence, type Wanted } from './absence.js';
import type { PrometheusClient, Range } from './client.js';
import type { Series } from './matrix.js';
import { anyOf, equals, promqlDuration, selector } from './promql.js';

/** What to look for. */
export interface DiscoverOptions {
  /** The job; undefined where there is one only. */
  readonly job: string | undefined;
  /** Further labels that series must have. */
  readonly match: readonly (readonly [label: string, value: string])[];
  /** The thread whose loop is compared. */
  readonly thread: string;
  /** The label that tells the sides apart; undefined where only times do. */
  readonly by: string | undefined;
  /** The values of the label that were asked for. */
  readonly values: readonly string[];
  /** How far back to look, to `endS`, Unix time. */
  readonly lookbackS: number;
  readonly endS: number;
  /** The longest stretch that is compared: of the last two of it, more has to be known than of the time before. */
  readonly windowS: number;
}

/** One value of the label, and when it was seen. */
export interface Appearance {
  readonly value: string;
  /** Unix times in seconds, ascending: close together lately, `stepS` apart before. */
  readonly seenS: readonly number[];
}

/** The metrics of one job, or of the jobs that are compared. */
export interface Discovery {
  readonly jobs: readonly string[];
  readonly set: MetricSet;
  /** Matchers of every series of the job. */
  readonly matchers: readonly string[];
  /** The same for `target_info`. */
  readonly infoMatchers: readonly string[];
  /** Where the label is: on every series, or on `target_info` alone. */
  readonly labelOn: 'series' | 'target_info' | undefined;
  readonly appearances: readonly Appearance[];
  /** Time between two looks, seconds: long ago, and lately. */
  readonly stepS: number;
  readonly lateStepS: number;
  /** From when on the looks are close together, Unix time. */
  readonly lateFromS: number;
  /** The largest number of loops at a time, of all. */
  readonly loops: number;
}

/** The label of versions. */
export const VERSION_LABEL = 'service_version';

const STEPS = 288;
/** Lately: two windows, and two hours at least. */
const LATE_STEPS = 1440;
const LATE_S = 7200;
/** Longer than this, and what a scrape saw is not known any more at the next step. */
const LONGEST_STEP_S = 300;

const LAG_NAMES = [...new Set(Object.values(METRIC_SETS).map((set) => set.nameOf(METRICS.eventLoopLag, '_count')))];

/** Finds the job. Rejects with UnreadableData where there is none, or more than one. */
export async function discover(client: PrometheusClient, options: DiscoverOptions): Promise<Discovery> {
  const { by } = options;
  const [long, late] = rangesOf(options);
  const found = await findLoops(client, options, [long, late]);
  if (found.length === 0) throw await explainAbsence(client, wantedBy(client, options), long);
  const jobs = jobsOf(found, client, options);
  const series = found.filter(({ labels }) => jobs.includes(labels.get('job') ?? ''));
  const [latest] = [...series].sort((a, b) => lastOf(b) - lastOf(a));
  const ofJobs = jobs.length === 1 ? equals('job', jobs[0] ?? '') : anyOf('job', jobs);
  const matchers = [ofJobs, ...ownMatchers(options)];
  const common = {
    jobs,
    matchers,
    stepS: long.stepS,
    lateStepS: late.stepS,
    lateFromS: late.startS,
    loops: Math.max(...seenTogether(series).values()),
  };
  const nameOfLag = latest?.labels.get('__name__') ?? '';
  if (by === undefined) {
    return { ...common, set: setOf(nameOfLag, false), infoMatchers: matchers, labelOn: undefined, appearances: [] };
  }
  const onSeries = appearancesOf(series, by);
  if (onSeries.length > 0) {
    const set = setOf(nameOfLag, by === VERSION_LABEL);
    return { ...common, set, infoMatchers: matchers, labelOn: 'series', appearances: onSeries };
  }
  // Labels that the service puts on its metrics need not be on its target_info.
  for (const infoMatchers of matchers.length === 1 ? [matchers] : [matchers, [ofJobs]]) {
    const info = selector('target_info', [...infoMatchers, `${by}!=""`]);
    const appearances = appearancesOf(await countBoth(client, [by], info, [long, late]), by);
    if (appearances.length > 0) {
      return { ...common, set: setOf(nameOfLag, false), infoMatchers, labelOn: 'target_info', appearances };
    }
  }
  throw new UnreadableData(
    `No series of job ${listed(jobs)} has the label ${by}, nor has its target_info; tell the sides apart by another label (--by) or by time (--before and --after, --offset).`,
  );
}

/** All of the time in long steps, and the last of it in short ones. */
function rangesOf({ lookbackS, windowS, endS }: DiscoverOptions): readonly [long: Range, late: Range] {
  const range = (lengthS: number, stepS: number) => ({
    startS: endS - Math.floor(lengthS / stepS) * stepS,
    endS,
    stepS,
  });
  const lateS = Math.min(Math.max(2 * windowS, LATE_S), lookbackS);
  return [
    range(lookbackS, Math.min(LONGEST_STEP_S, Math.ceil(lookbackS / STEPS))),
    range(lateS, Math.min(LONGEST_STEP_S, Math.ceil(lateS / LATE_STEPS))),
  ];
}

/** Counts series by labels. What was there between two long steps counts for the second of them. */
async function countBoth(
  client: PrometheusClient,
  labels: readonly string[],
  series: string,
  [long, late]: readonly [long: Range, late: Range],
): Promise<readonly Series[]> {
  const by = `count by (${labels.join(', ')})`;
  const [all, lately] = await Promise.all([
    client.range(`${by} (last_over_time(${series}[${promqlDuration(long.stepS)}]))`, long),
    client.range(`${by} (${series})`, late),
  ]);
  const before = all.map(({ labels: of, values }) => ({
    labels: of,
    values: new Map([...values].filter(([timeMs]) => timeMs < late.startS * 1000)),
  }));
  return [...before, ...lately].filter(({ values }) => values.size > 0);
}

function ownMatchers({ match }: DiscoverOptions): readonly string[] {
  return match.map(([label, value]) => equals(label, value));
}

/** The number of loops by the name of their lag, job and label. */
function findLoops(
  client: PrometheusClient,
  options: DiscoverOptions,
  ranges: readonly [long: Range, late: Range],
): Promise<readonly Series[]> {
  const { by, job, thread } = options;
  const wanted = job === undefined ? [] : [equals('job', job)];
  const matchers = [anyOf('__name__', LAG_NAMES), equals('thread_name', thread), ...wanted, ...ownMatchers(options)];
  const labels = new Set(['__name__', 'job', ...(by === undefined ? [] : [by])]);
  return countBoth(client, [...labels], selector('', matchers), ranges);
}

function wantedBy({ shown }: PrometheusClient, { job, match, thread, lookbackS }: DiscoverOptions): Wanted {
  const of = job === undefined ? '' : ` of job ${printable(job)}`;
  const matched = match.length === 0 ? '' : ' with the labels of --match';
  const ofThread = thread === 'main' ? '' : `, thread ${printable(thread)}`;
  const sentence = `${shown} has no metrics of Loopsight${of}${matched}${ofThread} from the last ${shownLength(lookbackS)}`;
  return { job, thread, sentence };
}

function jobsOf(found: readonly Series[], client: PrometheusClient, options: DiscoverOptions): readonly string[] {
  const jobs = [...new Set(found.map(({ labels }) => labels.get('job') ?? ''))].sort();
  if (options.by === 'job') {
    const wanted = jobs.filter((job) => options.values.includes(job));
    return wanted.length < 2 ? jobs : wanted;
  }
  if (jobs.length > 1) {
    throw new UnreadableData(
      `${client.shown} has several jobs with Loopsight; choose one with --job: ${listed(jobs)}.`,
    );
  }
  return jobs;
}

// Own names and those of OTLP are alike; what differs is where the version is.
function setOf(lagName: string, versionOnSeries: boolean): MetricSet {
  const { loopsight, otlp, 'opentelemetry-exporter': exporter } = METRIC_SETS;
  if (lagName === exporter.nameOf(METRICS.eventLoopLag, '_count')) return exporter;
  return versionOnSeries ? loopsight : otlp;
}

function appearancesOf(found: readonly Series[], by: string): readonly Appearance[] {
  const byValue = new Map<string, Series[]>();
  for (const series of found) {
    const value = series.labels.get(by) ?? '';
    byValue.set(value, [...(byValue.get(value) ?? []), series]);
  }
  return [...byValue]
    .map(([value, of]) => ({ value, times: seenTogether(of) }))
    .filter(({ value, times }) => value !== '' && times.size > 0)
    .map(({ value, times }) => ({
      value,
      seenS: [...times.keys()].sort((a, b) => a - b).map((timeMs) => timeMs / 1000),
    }));
}

/** What several series add up to, by time. */
function seenTogether(found: readonly Series[]): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const { values } of found) {
    for (const [timeMs, loops] of values) times.set(timeMs, (times.get(timeMs) ?? 0) + loops);
  }
  return times;
}

function lastOf({ values }: Series): number {
  return Math.max(...values.keys());
}
