// Alerts of what is not known: metrics that are gone, figures that are old, targets that do not answer.
import { METRICS } from '../../src/metric-names.js';
import { DAY_S, HOUR_S, MINUTE_S } from '../rules/durations.js';
import { type Expressions, LABELS, PRESENCE } from '../rules/promql.js';
import { type Alert, PROCESS, TIME } from './alert.js';

export const TELEMETRY_ALERTS: readonly Alert[] = [
  {
    name: 'LoopsightTelemetryMissing',
    severity: 'ticket',
    needs: [PRESENCE],
    expr: (e) => [gone(e), ...e.options.jobs.map((job) => absent(e, job))].join('\nor '),
    forS: 10 * MINUTE_S,
    keepFiringS: 0,
    summary: () => 'Nothing is known of the event loops of {{ $labels.job }}: its metrics are missing.',
    description:
      'No other alert of this job can fire. See whether a deploy has lost what starts Loopsight, or another program has the port.',
    panel: 'instances',
    runbook: 'telemetry-missing',
  },
  {
    name: 'LoopsightTelemetryOld',
    severity: 'ticket',
    needs: [METRICS.selfSnapshotAge],
    expr: (e) => `${e.by('max', e.processLabels, e.series(METRICS.selfSnapshotAge))} > ${e.options.snapshotAgeS}`,
    forS: 5 * MINUTE_S,
    keepFiringS: 0,
    summary: () => `The figures of ${PROCESS} are ${TIME} old.`,
    description: 'Its main thread does not answer the observer. Where it is not blocked either, please report it.',
    panel: 'figures',
    runbook: 'telemetry-old',
  },
  {
    name: 'LoopsightTargetDown',
    severity: 'ticket',
    needs: [PRESENCE],
    // What is pushed has no targets.
    isOff: (e) => e.set.id === 'otlp',
    expr: (e) => `${e.by('count', [], `${up(e)} == 0`)} and on (${e.labels()}) ${known(e, DAY_S)}`,
    forS: 5 * MINUTE_S,
    keepFiringS: 0,
    summary: () => 'Prometheus cannot scrape {{ $value }} of the targets of {{ $labels.job }}.',
    description:
      'The process is gone, stopped as a whole, out of reach, or runs without Loopsight. A blocked loop alone does not do this with the observer.',
    panel: 'instances',
    runbook: 'target-down',
  },
];

/** Jobs that have had Loopsight's metrics within the window. */
function known(e: Expressions, windowS: number): string {
  return e.by('count', [], e.over('last_over_time', PRESENCE, windowS, { suffix: '_count' }));
}

/** Jobs that had them and have none: as long as their targets answer; what is pushed, for an hour. */
function gone(e: Expressions): string {
  const now = e.by('count', [], e.series(PRESENCE, { suffix: '_count' }));
  const on = `on (${e.labels()})`;
  return e.set.id === 'otlp'
    ? `(${known(e, HOUR_S)} unless ${on} ${now})`
    : `(${e.by('count', [], `${up(e)} == 1`)} and ${on} ${known(e, DAY_S)} unless ${on} ${now})`;
}

/** Whether a target answers, which Prometheus tells of each. */
function up({ options }: Expressions): string {
  return options.matchers === '' ? 'up' : `up{${options.matchers}}`;
}

/** The job is named anew: absent() leaves a label out that has several matchers. */
function absent(e: Expressions, job: string): string {
  const none = `absent(${e.series(PRESENCE, { matchers: [`${LABELS.job}="${job}"`], suffix: '_count' })})`;
  return `label_replace(${none}, "${LABELS.job}", "${job.replaceAll('$', '$$$$')}", "", "")`;
}
