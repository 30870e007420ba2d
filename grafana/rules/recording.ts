// The groups of recording rules.
import { METRICS } from '../../src/metric-names.js';
import { HOUR_S, MINUTE_S } from './durations.js';
import { type Expressions, REQUESTS_RATE_1H } from './promql.js';
import type { RecordingRule, RuleGroup } from './rule.js';
import { serviceLevelRules } from './service-level.js';
import { comparisonRules, versionRules } from './versions.js';

const REQUESTS_RATE_5M = 'job:http_server_requests:rate5m';

/** Every group of recording rules; rules of a group are evaluated in their order, and later ones read earlier ones. */
export function recordingGroups(e: Expressions): readonly RuleGroup[] {
  const { intervalS } = e.options;
  const group = (name: string, rules: readonly RecordingRule[]): RuleGroup[] =>
    rules.length === 0
      ? []
      : [{ name, ...(intervalS === undefined ? {} : { interval: e.duration(intervalS * e.options.shorten) }), rules }];
  const requests = e.over('rate', METRICS.httpServerRequestDuration, 5 * MINUTE_S, { suffix: '_count' });
  return [
    ...group('loopsight-versions', [...versionRules(e), ...comparisonRules(e)]),
    ...group('loopsight-loops', [
      { record: REQUESTS_RATE_5M, expr: e.by('sum', [], requests) },
      // An hour of every series of every route would be much to read for a figure that need not be exact.
      { record: REQUESTS_RATE_1H, expr: `avg_over_time(${e.record(REQUESTS_RATE_5M)}[${e.duration(HOUR_S)}])` },
      ...serviceLevelRules(e),
    ]),
  ];
}
