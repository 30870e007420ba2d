// After what: a deploy, a restart, a full heap, scaling; what ran well before, and whose code it is.
import { METRICS } from '../../../../src/metric-names.js';
import { HEAP_SHARE, HTTP_ERROR_SHARE, LAG_P99_S } from '../../../../src/status/thresholds.js';
import { grown } from '../../growth.js';
import { BY_CODE, BY_INSTANCE, BY_LOOP, INSTANCE, LABELS } from '../../labels.js';
import type { Placeable } from '../../layout.js';
import { linkTo, linkToPanel, narrowTo } from '../../links.js';
import { stat } from '../../panels/stat.js';
import { aggregate, type Queries } from '../../queries.js';
import { ON_VERSION, recorded } from '../../recorded.js';
import { instances } from './hurt.js';

const VERSION = `{{${LABELS.job}}} {{${LABELS.version}}}`;
const NEEDS_RULES = 'needs the recording rules';
/** How long a version is remembered. */
const REMEMBERED = '7d';
/** How often versions of that time are looked at: a younger one is neither good nor bad. */
const LOOKED_AT = '5m';
/** More do not fit beside each other. */
const MOST_JOBS = 3;
/** The panel of stalls by code, whose dots are traces. */
const STALLS_BY_CODE = 206;

export function history(queries: Queries): readonly Placeable[] {
  const { over, series, set } = queries;
  const uptime = METRICS.processUptime;
  const startedS = `time() - ${aggregate('min', BY_INSTANCE, series(uptime))}`;
  return [
    stat({
      id: 109,
      title: 'Last deploy',
      description:
        'The version that was first seen last, of any job that is chosen, and when; a rollback counts. Trouble that began then came with it. A click leads to the comparison of versions.',
      unit: 'dateTimeFromNow',
      named: true,
      nothing: NEEDS_RULES,
      links: [linkTo('Compare versions', 'deploys', set)],
      queries: [
        { expr: `topk(1, last_over_time(${recorded('versionFirstSeen')}[${REMEMBERED}])) * 1000`, legend: VERSION },
      ],
    }),
    stat({
      id: 110,
      title: 'Last good version',
      description:
        'The newest version of the last week whose lag and failed requests were within their limits in nine tenths of the time before the next one came: what to roll back to. If it is the one that runs, the version is not what changed. Of the three jobs where that version is the latest; choose a job for any other. Needs the recording rules.',
      unit: 'dateTimeFromNow',
      named: true,
      nothing: 'none known',
      links: [linkTo('Compare versions', 'deploys', set)],
      queries: [{ expr: `${lastGood()} * 1000`, legend: VERSION }],
    }),
    stat({
      id: 111,
      title: 'Last start',
      description:
        'The process that started last. Soon after trouble began, and not at a deploy: it died, or was killed for its memory or its health check. A click narrows the dashboard to it.',
      unit: 'dateTimeFromNow',
      named: true,
      links: [narrowTo('instance')],
      queries: [{ expr: `topk(1, ${startedS}) * 1000`, legend: INSTANCE }],
    }),
    stat({
      id: 112,
      title: 'Restarts',
      description:
        'Processes that began anew in their place within the time range, and how many of those had a heap nearly at its limit before: they ran out of memory, or were about to. Pods that were replaced are no restarts.',
      unit: 'short',
      named: true,
      queries: [
        { expr: `sum(${over('resets', uptime, { range: '$__range' })})`, legend: 'restarts' },
        { expr: restartsWithFullHeap(queries), legend: 'with a full heap' },
      ],
    }),
    stat({
      id: 113,
      title: 'Instances',
      description:
        'Processes that report, with the change over the time range. Fewer: the others carry their load; they were scaled in, or died. More: scaling out has begun, or a deploy.',
      unit: 'short',
      change: true,
      queries: [{ expr: instances(queries, []), legend: 'instances' }],
    }),
    stat({
      id: 114,
      title: 'Top culprit',
      description:
        'The function that held loops longest within the time range, and for how long in all. A click leads to its stalls, whose dots are traces, and to the dashboard of functions.',
      unit: 's',
      named: true,
      nothing: 'no code held a loop',
      links: [
        linkToPanel('Its stalls and their traces', STALLS_BY_CODE),
        linkTo('The function', 'functions', set, 'function'),
      ],
      queries: [
        {
          expr: `topk(1, ${grown(queries, METRICS.stallTime, BY_CODE, { matchers: [`${LABELS.function}!=""`] })} > 0)`,
          legend: `{{${LABELS.function}}} {{${LABELS.file}}}`,
        },
      ],
    }),
  ];
}

function restartsWithFullHeap({ over, series }: Queries): string {
  const restarted = `${over('resets', METRICS.processUptime, { range: '$__range' })} > 0`;
  const used = aggregate('sum', BY_LOOP, series(METRICS.heapUsed));
  const limit = aggregate('sum', BY_LOOP, series(METRICS.heapLimit));
  const fullest = aggregate('max', BY_INSTANCE, `max_over_time((${used} / ${limit})[$__range:$__rate_interval])`);
  return `count(${restarted} and on (${BY_INSTANCE.join(', ')}) ${fullest} > ${HEAP_SHARE}) or vector(0)`;
}

/**
 * When the last version was first seen that was within its limits in nine tenths of the time in which it was the newest of
 * its job. What it suffers from its successor, with which it shares databases and machines, is not its own.
 */
function lastGood(): string {
  const seen = `last_over_time(${recorded('versionFirstSeen')}[${REMEMBERED}])`;
  const usual = (series: string) =>
    `quantile_over_time(0.9, (${series} and ${ON_VERSION} ${recorded('versionNewest')})[${REMEMBERED}:${LOOKED_AT}])`;
  const steady = `and ${ON_VERSION} ${usual(recorded('versionLagP99'))} <= ${LAG_P99_S}`;
  const failing = `unless ${ON_VERSION} ${usual(recorded('versionFailed'))} > ${HTTP_ERROR_SHARE}`;
  return `topk(${MOST_JOBS}, topk by (${LABELS.job}) (1, ${seen} ${steady} ${failing}))`;
}
