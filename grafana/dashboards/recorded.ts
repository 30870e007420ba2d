// Series of the recording rules that dashboards use; they have the same names for every set of metrics.
import { LABELS } from './labels.js';

const RECORDED = {
  /** Unix time, in seconds, at which the present run of a version began; a rollback is another run. */
  versionFirstSeen: 'job_version:loopsight_first_seen:timestamp_seconds',
  /** Unix time, in seconds, at which a version was last there: now, while it is. */
  versionLastSeen: 'job_version:loopsight_last_seen:timestamp_seconds',
  /** As `versionFirstSeen`, of the version of each job that was deployed last, while it runs. */
  versionNewest: 'job_version:loopsight_newest:timestamp_seconds',
  /** When a `deployment.id` was first seen. */
  deploymentFirstSeen: 'job_deployment:loopsight_first_seen:timestamp_seconds',
  /** When a version of Node.js was first seen. */
  runtimeFirstSeen: 'job_runtime:loopsight_first_seen:timestamp_seconds',
  /** 99th percentile of the lag of main loops, in seconds, by version. */
  versionLagP99: 'job_version:loopsight_eventloop_lag_seconds:p99_rate5m',
  /** Share of requests that failed, by version. */
  versionFailed: 'job_version:http_server_requests_failed:ratio_rate5m',
  /** Share of fast moments that is promised, by job; these only where the service level is on. */
  objective: 'job:loopsight_slo_objective:ratio',
  /** What a fast moment is, in seconds. */
  bound: 'job:loopsight_slo_bound_seconds:info',
  /** Moments a second, and those that were slow. */
  moments: 'job:loopsight_eventloop_lag_moments:rate5m',
  slowMoments: 'job:loopsight_eventloop_lag_slow:rate5m',
  /** Share of slow moments over a window. */
  slow5m: 'job:loopsight_eventloop_lag_slow:ratio_rate5m',
  slow1h: 'job:loopsight_eventloop_lag_slow:ratio_rate1h',
  slow6h: 'job:loopsight_eventloop_lag_slow:ratio_rate6h',
  slow3d: 'job:loopsight_eventloop_lag_slow:ratio_rate3d',
} as const;

/** What tells the versions of jobs apart in recorded series. */
export const ON_VERSION = `on (${LABELS.job}, ${LABELS.version})`;

/** The recorded series of the chosen jobs. */
export function recorded(key: keyof typeof RECORDED, matchers: readonly string[] = []): string {
  return `${RECORDED[key]}{${['job=~"$job"', ...matchers].join(', ')}}`;
}
