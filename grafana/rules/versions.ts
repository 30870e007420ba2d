// What versions of a job are compared by: their loops, their garbage collections, their lag, for each request.
import { METRICS } from '../../src/metric-names.js';
import { MINUTE_S } from './durations.js';
import { firstSeen, newestVersions, presentVersions } from './first-seen.js';
import { type Expressions, LABELS, MAIN, PRESENCE, VERSION_OF_INSTANCE } from './promql.js';
import type { RecordingRule } from './rule.js';

const WINDOW_S = 5 * MINUTE_S;
const TARGET_INFO = 'target_info';

/** Records that alerts and dashboards read. */
export const REQUESTS_BY_VERSION = 'job_version:http_server_requests:rate5m';
export const ACTIVE_PER_REQUEST = 'job_version:nodejs_eventloop_active_seconds_per_request:ratio_rate5m';
const ACTIVE_BY_VERSION = 'job_version:nodejs_eventloop_active:rate5m';

/** Which versions run, since when, and in what order they came. */
export function versionRules(e: Expressions): readonly RecordingRule[] {
  const presence = e.series(PRESENCE, { matchers: [MAIN], suffix: '_count' });
  const withVersion =
    e.set.version === 'label'
      ? e.series(PRESENCE, { matchers: [MAIN, `${LABELS.version}!=""`], suffix: '_count' })
      : presence;
  const present = presentVersions(e, withVersion);
  const ofTarget = (label: string) =>
    e.by('count', [label], `${TARGET_INFO}{${label}!=""} and on (${e.labels(LABELS.instance)}) ${presence}`);
  return [
    ...(e.set.version === 'label' ? [] : [versionOfInstance(e)]),
    ...firstSeen(e, 'job_version', LABELS.version, present),
    ...newestVersions(e),
    ...firstSeen(e, 'job_runtime', 'process_runtime_version', ofTarget('process_runtime_version')),
    ...firstSeen(e, 'job_deployment', 'deployment_id', ofTarget('deployment_id')),
    { record: 'job_version:loopsight_instances:count', expr: present },
  ];
}

/** What each version does for a request, and how its loops are. */
export function comparisonRules(e: Expressions): readonly RecordingRule[] {
  const { options } = e;
  const byVersion = (of: string) => e.by('sum', [LABELS.version], e.versioned(of));
  const on = `on (${e.labels(LABELS.version)})`;
  const requestsPerS = Number((options.regressionRequests / WINDOW_S).toPrecision(6));
  const requests = e.record(REQUESTS_BY_VERSION);
  const perRequest = (seconds: string) => `${seconds}\n/ ${on} (${requests} >= ${requestsPerS})`;
  const active = [MAIN, `${LABELS.loopState}="active"`];
  const lag = METRICS.eventLoopLag;
  const buckets = e.over('rate', lag, WINDOW_S, { matchers: [MAIN], suffix: '_bucket' });
  const slowAbove = { matchers: [MAIN, `le="${options.slowMomentS}"`], suffix: '_bucket' } as const;
  const moments = byVersion(e.over('rate', lag, WINDOW_S, { matchers: [MAIN], suffix: '_count' }));
  const failed = byVersion(
    e.over('rate', METRICS.httpServerRequestDuration, WINDOW_S, {
      matchers: [`${LABELS.errorType}!=""`],
      suffix: '_count',
    }),
  );
  const collecting = e.over('rate', METRICS.gcDuration, WINDOW_S, { matchers: [MAIN], suffix: '_sum' });
  return [
    {
      record: REQUESTS_BY_VERSION,
      expr: byVersion(e.over('rate', METRICS.httpServerRequestDuration, WINDOW_S, { suffix: '_count' })),
    },
    {
      record: 'job_version:http_server_requests_failed:ratio_rate5m',
      expr: `(${failed} or ${requests} * 0)\n/ ${on} (${requests} > 0)`,
    },
    {
      record: ACTIVE_BY_VERSION,
      expr: byVersion(e.over('rate', METRICS.eventLoopTime, WINDOW_S, { matchers: active })),
    },
    { record: ACTIVE_PER_REQUEST, expr: perRequest(e.record(ACTIVE_BY_VERSION)) },
    { record: 'job_version:v8js_gc_seconds_per_request:ratio_rate5m', expr: perRequest(byVersion(collecting)) },
    {
      record: 'job_version:loopsight_eventloop_lag_seconds:p99_rate5m',
      expr: `histogram_quantile(0.99, ${e.by('sum', [LABELS.version, 'le'], e.versioned(buckets))})`,
    },
    {
      record: 'job_version:loopsight_eventloop_lag_slow:ratio_rate5m',
      expr: `1 - ${byVersion(e.over('rate', lag, WINDOW_S, slowAbove))}\n/ ${on} (${moments} > 0)`,
    },
  ];
}

/** One version for each instance: OTLP keeps that of a process that has ended for five minutes, and the newest counts. */
function versionOfInstance(e: Expressions): RecordingRule {
  const instance = e.labels(LABELS.instance);
  const newest = `topk by (${instance}) (1, timestamp(${TARGET_INFO}{${LABELS.version}!=""}))`;
  return { record: VERSION_OF_INSTANCE, expr: e.by('group', [LABELS.instance, LABELS.version], newest) };
}
