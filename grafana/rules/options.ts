// Every option of rules and alerts: unit, bounds, default. docs/alerts.md is generated from here.
import { mapOf, numberBetween, type ValueKind } from '../../src/option-values.js';
import { DAY_S, HOUR_S, MINUTE_S } from './durations.js';
import { alertNames, baseUrl, bucketBound, jobNames, labelNames, matchers } from './option-kinds.js';

/** One option as docs, the command line and tests see it. */
export interface RuleOptionDefinition<T = unknown> {
  readonly kind: ValueKind<T>;
  /** UCUM's unit; empty where there is none. */
  readonly unit: string;
  readonly default: T;
  readonly meaning: string;
}

const seconds = (initial: number, meaning: string, maximum = DAY_S): RuleOptionDefinition<number> => ({
  kind: numberBetween(0.001, maximum, { integer: false }),
  unit: 's',
  default: initial,
  meaning,
});
const share = (initial: number, meaning: string): RuleOptionDefinition<number> => ({
  kind: numberBetween(0.0001, 1, { integer: false }),
  unit: '1',
  default: initial,
  meaning,
});
const define = <T>(definition: RuleOptionDefinition<T>) => definition;

/** Every option, in the order of the docs. */
export const RULE_OPTIONS = {
  starvedLagS: seconds(0.5, 'p99 lag of a main loop from which on it is starved.', 30),
  starvedStalledShare: share(0.5, 'Share of the time in stalls from which on a main loop is starved.'),
  blockedPageS: seconds(30, 'A main loop that has not turned for longer is paged for.'),
  blockedS: seconds(5, 'A main loop that has not turned for longer is a ticket.'),
  lagS: seconds(0.1, 'p99 lag of a main loop that is a ticket when it lasts.', 30),
  utilization: share(0.9, 'Share of the time in which a main loop is active that is a ticket when it lasts.'),
  stalledShare: share(0.05, 'Share of the time in stalls that is a ticket when it lasts.'),
  spinningShare: share(0.5, 'Share of the time in which a loop turns without anything to handle.'),
  gcShare: share(0.1, 'Share of the time that garbage collections take on a main thread.'),
  throttledShare: share(0.05, 'Share of the time in which a control group is kept from the CPU.'),
  queueOldestAgeS: seconds(60, 'Age of the oldest waiting task of a queue that does not recover.'),
  poolShare: share(0.95, 'Share of the slots of a pool that are taken.'),
  poolWaitS: seconds(1, 'p99 wait for a slot of a pool whose slots are taken.', 30),
  workerUtilization: share(0.95, 'Share of the time in which the worker threads of one name are active.'),
  threadPoolWaitS: seconds(0.1, "p99 wait for a thread of libuv's pool.", 30),
  lockHoldS: define({
    kind: bucketBound,
    unit: 's',
    default: 2.5,
    meaning: 'A lock that was held for longer.',
  }),
  snapshotAgeS: seconds(60, 'Age of the figures of a main thread.'),
  minimumRequestsPerHour: define({
    kind: numberBetween(0, 1e9, { integer: false }),
    unit: '{request}',
    default: 60,
    meaning:
      'Jobs that serve HTTP, but answered fewer requests in every hour of the last day, have no alerts of lag, blocking, stalls and service level; 0 is none.',
  }),
  minimumMoments: define({
    kind: numberBetween(1, 1e6, { integer: false }),
    unit: '{probe}',
    default: 100,
    meaning: 'Fewer lag probes than this in a window say nothing of a percentile; a loop has about 20 a second.',
  }),
  regressionFactor: define({
    kind: numberBetween(1.01, 100, { integer: false }),
    unit: '1',
    default: 1.3,
    meaning:
      'Active loop seconds per request of the newest version, by those of the one before, from which on it is worse.',
  }),
  regressionRequests: define({
    kind: numberBetween(1, 1e9, { integer: false }),
    unit: '{request}',
    default: 100,
    meaning: 'Versions that answered fewer requests in 5 minutes are not compared.',
  }),
  regressionWarmUpS: seconds(
    10 * MINUTE_S,
    'A version that runs for less is not compared: fresh processes are slower.',
  ),
  slowMomentS: define({
    kind: bucketBound,
    unit: 's',
    default: 0.1,
    meaning: 'Moments with more lag are slow, in the recorded share by version.',
  }),
  sloObjective: define<number | undefined>({
    kind: numberBetween(0.5, 0.99999, { integer: false }),
    unit: '1',
    default: undefined,
    meaning: 'Service level: the share of moments whose lag is to stay within `sloBoundS`. Not given, there is none.',
  }),
  sloBoundS: define({
    kind: bucketBound,
    unit: 's',
    default: 0.1,
    meaning: 'Lag up to which a moment counts as good in the service level.',
  }),
  versionGapS: seconds(
    5 * MINUTE_S,
    'A version that was away for longer while others of its job ran is deployed anew when it is back.',
  ),
  rememberS: seconds(DAY_S, 'Outages of Prometheus up to this length forget no version.', 30 * DAY_S),
  quietS: seconds(
    45 * MINUTE_S,
    'For so long after a page no ticket of the same job notifies, and no burn of its service level: they would tell of the same block, which stays in their windows.',
  ),
  forS: define<Readonly<Record<string, number>>>({
    kind: mapOf(numberBetween(0, 7 * DAY_S, { integer: false })),
    unit: 's',
    default: {},
    meaning: 'How long it must last before an alert fires, by the name of the alert, where not its own.',
  }),
  without: define<readonly string[]>({
    kind: alertNames,
    unit: '',
    default: [],
    meaning: 'Names of alerts that are left out.',
  }),
  jobs: define<readonly string[]>({
    kind: jobNames,
    unit: '',
    default: [],
    meaning: 'Jobs that must report; others are only missed once they have.',
  }),
  labels: define<readonly string[]>({
    kind: labelNames,
    unit: '',
    default: [],
    meaning: 'Labels of targets beside `job` that tell services apart, such as `namespace`; rules keep them.',
  }),
  matchers: define({
    kind: matchers,
    unit: '',
    default: '',
    meaning: 'Matchers of what rules look at, such as `job!~"batch-.*"`.',
  }),
  grafanaUrl: define({ kind: baseUrl, unit: '', default: '', meaning: "Address of Grafana, for the alerts' links." }),
  runbookUrl: define({
    kind: baseUrl,
    unit: '',
    default: '',
    meaning:
      'Folder that the runbooks are served from, for `runbook_url`. Not given, alerts have `runbook`: the path of the page in the package.',
  }),
  intervalS: define<number | undefined>({
    kind: numberBetween(0.001, HOUR_S, { integer: false }),
    unit: 's',
    default: undefined,
    meaning: "How often rules are evaluated. Not given, as Prometheus' configuration says.",
  }),
  shorten: define({
    kind: numberBetween(1, 10_000, { integer: false }),
    unit: '1',
    default: 1,
    meaning: 'Divides every window and waiting time (no threshold), for tests and demonstrations.',
  }),
} as const;

type ValueOf<D> = D extends RuleOptionDefinition<infer T> ? T : never;

/** Options with nothing left open. */
export type RuleOptions = { readonly [K in keyof typeof RULE_OPTIONS]: ValueOf<(typeof RULE_OPTIONS)[K]> };

/**
 * Checks options and adds defaults. Throws a TypeError that quotes option, bound and value, also for an option that does
 * not exist.
 */
export function resolveRuleOptions(given: Partial<RuleOptions> = {}): RuleOptions {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(RULE_OPTIONS, name)) {
      throw new TypeError(
        `Expected options of rules to be some of ${Object.keys(RULE_OPTIONS).join(', ')}, got "${name}"`,
      );
    }
  }
  const entries = Object.entries(RULE_OPTIONS).map(([name, { kind, default: initial }]) => {
    const value = given[name as keyof RuleOptions];
    return [name, value === undefined ? initial : kind.check(value, name)];
  });
  const options = Object.fromEntries(entries) as RuleOptions;
  if (options.blockedS >= options.blockedPageS) {
    throw new TypeError(
      `Expected \`blockedS\` to be less than \`blockedPageS\` (${options.blockedPageS}), got ${options.blockedS}`,
    );
  }
  return options;
}
