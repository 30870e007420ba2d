// Why no loop was found: another job or thread, or lag that is kept in a way that buckets cannot be read of.
import { METRIC_SETS } from '../../../grafana/sets.js';
import { METRICS } from '../../metric-names.js';
import { printable } from '../../status/wording.js';
import { listed } from '../listed.js';
import { NothingYet, UnreadableData } from '../unreadable.js';
import type { PrometheusClient, Range } from './client.js';
import type { Series } from './matrix.js';
import { promqlDuration } from './promql.js';

/** What was looked for. */
export interface Wanted {
  readonly job: string | undefined;
  readonly thread: string;
  /** What was looked for and where, in words. */
  readonly sentence: string;
}

const CLASSIC: ReadonlySet<string> = new Set(
  Object.values(METRIC_SETS).map((set) => set.nameOf(METRICS.eventLoopLag, '_count')),
);
/** The lag under any name: as a native histogram, or with the dots of OpenTelemetry. */
const ANY_LAG = '{__name__=~"loopsight[._]eventloop[._]lag(_seconds)?(_count)?"}';

/** Asks once more, for anything like it; returns what to throw. Rejects with UnreadableData. */
export async function explainAbsence(client: PrometheusClient, wanted: Wanted, range: Range): Promise<UnreadableData> {
  const { job, thread, sentence } = wanted;
  const query = `count by (__name__, job, thread_name) (last_over_time(${ANY_LAG}[${promqlDuration(range.stepS)}]))`;
  const found = await client.range(query, range);
  const ofJob = found.filter(({ labels }) => job === undefined || labels.get('job') === job);
  const classic = ofJob.filter(({ labels }) => CLASSIC.has(labels.get('__name__') ?? ''));
  const [odd] = valuesOf(ofJob, '__name__').filter((name) => !CLASSIC.has(name));
  if (classic.length === 0 && odd !== undefined) return new UnreadableData(describeOdd(client.shown, odd));
  const threads = valuesOf(classic, 'thread_name');
  // With its job and thread, it has other labels than those of --match, or was there too briefly.
  if (threads.includes(thread)) return new NothingYet(`${sentence}.`);
  if (threads.length > 0) return new NothingYet(`${sentence}; its threads: ${listed(threads)}.`);
  const jobs = valuesOf(found, 'job').filter((name) => name !== job);
  return new NothingYet(jobs.length === 0 ? `${sentence}.` : `${sentence}; jobs that have them: ${listed(jobs)}.`);
}

function valuesOf(found: readonly Series[], label: string): readonly string[] {
  const values = new Set(found.map(({ labels }) => labels.get(label) ?? ''));
  return [...values].filter((value) => value !== '').sort();
}

function describeOdd(shown: string, name: string): string {
  return name.includes('.')
    ? `${shown} has metrics with dots in their names (${printable(name)}); they are only read with underscores, as \`translation_strategy: UnderscoreEscapingWithSuffixes\` writes them.`
    : `${shown} keeps ${printable(name)} as a native histogram; only classic buckets are read, which \`always_scrape_classic_histograms: true\` keeps beside it.`;
}
