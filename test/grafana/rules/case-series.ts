// Series that several cases of alerts are made of.
import { METRICS } from '../../../src/metric-names.js';
import type { InputSeries, Labels, SeriesBuilder } from './input-series.js';

/** What is varied. */
export interface Knobs {
  /** `below`: just under the bound. */
  readonly level: 'above' | 'below';
  readonly thread: string;
}

export const PROCESS = { job: 'shop', instance: 'web-1:9464' } as const;
export const KEYS: Labels = {
  code_function_name: 'deriveKey',
  code_file_path: 'src/keys.ts',
  loopsight_stall_cause: 'javascript',
};
const FAST = '0.001';

/** Lag of a thread with twenty probes a second, of which a share waits up to a bound. */
export function lag(
  build: SeriesBuilder,
  thread: string,
  share: number,
  bound: string,
  perS = 20,
): readonly InputSeries[] {
  const slow = { [FAST]: perS * (1 - share), [bound]: perS * share };
  return build.histogram(METRICS.eventLoopLag, slow, { thread_name: thread });
}

export function stallTime(build: SeriesBuilder, thread: string, perS: number, labels: Labels = KEYS): InputSeries {
  return build.counter(METRICS.stallTime, perS, { thread_name: thread, ...labels });
}

export function stallDurations(build: SeriesBuilder, thread: string, bound: string, cause = 'javascript') {
  const labels = { thread_name: thread, loopsight_stall_cause: cause };
  return build.histogram(METRICS.stallDuration, { 0.25: 0.1, [bound]: 0.01 }, labels);
}

export function loopTime(build: SeriesBuilder, thread: string, active: number): readonly InputSeries[] {
  const labels = (state: string) => ({ thread_name: thread, nodejs_eventloop_state: state });
  return [
    build.counter(METRICS.eventLoopTime, active, labels('active')),
    build.counter(METRICS.eventLoopTime, 1 - active, labels('idle')),
  ];
}

export const at = ({ level }: Knobs, above: number, below: number) => (level === 'above' ? above : below);

/** Two versions of one job, one after the other or side by side, with requests and active loop seconds a second. */
export function versions(
  build: SeriesBuilder,
  runs: readonly {
    readonly version: string;
    readonly fromMinute: number;
    readonly toMinute: number;
    readonly perS: number;
    readonly active: number;
  }[],
): readonly InputSeries[] {
  return runs.flatMap(({ version, fromMinute, toMinute, perS, active }) => {
    const during = (values: string) =>
      `${fromMinute === 0 ? '' : `_x${fromMinute} `}${values}x${toMinute - fromMinute} stale`;
    const growing = (each: number) => during(`0+${Number((each * 60).toPrecision(9))}`);
    const target = { instance: `${version}:9464` };
    const own = build.set.version === 'label' ? { ...target, service_version: version } : target;
    const main = { ...own, thread_name: 'main' };
    const info = build.series('target_info', { ...target, service_version: version }, during('1+0'));
    return [
      ...(build.set.version === 'label' ? [] : [info]),
      build.series(build.set.nameOf(METRICS.eventLoopLag, '_count'), main, growing(20)),
      build.series(build.set.nameOf(METRICS.httpServerRequestDuration, '_count'), own, growing(perS)),
      build.series(
        build.set.nameOf(METRICS.eventLoopTime),
        { ...main, nodejs_eventloop_state: 'active' },
        growing(active),
      ),
    ];
  });
}

export const HOURS = { first: { fromMinute: 0, toMinute: 60 }, second: { fromMinute: 61, toMinute: 160 } } as const;

export function connections(build: SeriesBuilder, used: number, pending: number): readonly InputSeries[] {
  const pool = { db_client_connection_pool_name: 'orders' };
  return [
    build.gauge(METRICS.dbClientConnectionCount, used, { ...pool, db_client_connection_state: 'used' }),
    build.gauge(METRICS.dbClientConnectionCount, 10 - used, { ...pool, db_client_connection_state: 'idle' }),
    build.gauge(METRICS.dbClientConnectionLimit, 10, pool),
    build.gauge(METRICS.dbClientConnectionPendingRequests, pending, pool),
  ];
}
