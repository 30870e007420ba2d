// A service of several pods as Prometheus would have scraped it: cumulative counters as OpenMetrics with times, from a seed.
import type { MetricSet } from '../../grafana/sets.js';
import { LATENCY_BOUNDS_S, METRICS, type MetricDefinition } from '../../src/metric-names.js';
import { createRandom, type Random } from '../support/random.js';

/** One process, from start to end; Unix times in seconds. */
export interface Pod {
  readonly instance: string;
  readonly version: string;
  readonly fromS: number;
  readonly toS: number;
  /** Factor on active time per request, and on waits. @default 1 */
  readonly cost?: number;
  /** Requests per second. @default 40 */
  readonly rate?: number;
}

/** How the service is scraped. */
export interface ShopOptions {
  readonly set: MetricSet;
  readonly job: string;
  readonly pods: readonly Pod[];
  /** Time between two scrapes at a moment. */
  readonly intervalAt: (unixS: number) => number;
  readonly seed?: number;
  /** When its day begins, in which the load rises and falls; Unix time in seconds. @default 0 */
  readonly dayFromS?: number;
  /** Further labels of every series. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Further labels of target_info by version. */
  readonly info?: (pod: Pod) => Readonly<Record<string, string>>;
}

const DAY_S = 86_400;
const REQUEST_S = 0.004;

/** Lines of OpenMetrics, without `# EOF`; `joinServices` puts several together. */
export function shopLines(options: ShopOptions): string[] {
  const { set, job, pods, intervalAt, seed = 1, dayFromS = 0, labels = {}, info } = options;
  // A family stands together.
  const families = new Map<string, string[]>();
  const push = (name: string, line: string) => {
    const known = families.get(name);
    if (known === undefined) families.set(name, [line]);
    else known.push(line);
  };
  const random = createRandom(seed);
  // Neighbouring minutes are alike: a load that all pods share, and moods of their own.
  const shared = new Map<number, number>();
  let level = 0;
  const loadAt = (unixS: number) => {
    const minute = Math.floor(unixS / 60);
    let load = shared.get(minute);
    if (load === undefined) {
      level = 0.9 * level + 0.05 * normal(random);
      load = Math.exp(level) * (1 + 0.3 * Math.sin((2 * Math.PI * (unixS - dayFromS)) / DAY_S));
      shared.set(minute, load);
    }
    return load;
  };
  for (const pod of pods) {
    const target = { job, instance: pod.instance, ...labels };
    const onSeries = set.version === 'label' ? { ...target, service_version: pod.version } : target;
    const series = (name: string, own: Readonly<Record<string, string>>) => {
      const start = `${name}{${labelsOf({ ...onSeries, ...own })}}`;
      return (value: number, unixS: number) => push(name, `${start} ${Math.round(value * 1e6) / 1e6} ${unixS}`);
    };
    const counter = (metric: MetricDefinition, own: Readonly<Record<string, string>>) => {
      let value = 0;
      const write = series(set.nameOf(metric), own);
      return {
        add(more: number, unixS: number) {
          value += more;
          write(value, unixS);
        },
      };
    };
    // Of some, nobody asks for the buckets.
    const histogram = (metric: MetricDefinition, own: Readonly<Record<string, string>>, withBuckets = true) => {
      const counts = new Array<number>(LATENCY_BOUNDS_S.length + 1).fill(0);
      let sum = 0;
      const buckets = (withBuckets ? counts : []).map((_, index) =>
        series(set.nameOf(metric, '_bucket'), { ...own, le: String(LATENCY_BOUNDS_S[index] ?? '+Inf') }),
      );
      const writeCount = series(set.nameOf(metric, '_count'), own);
      const writeSum = series(set.nameOf(metric, '_sum'), own);
      return {
        /** `count` values, exponential with a mean. */
        add(count: number, mean: number, unixS: number) {
          let below = 0;
          counts.forEach((before, index) => {
            const bound = LATENCY_BOUNDS_S[index] ?? Number.POSITIVE_INFINITY;
            const upTo = Math.round(count * (1 - Math.exp(-bound / mean)));
            counts[index] = before + (upTo - below);
            below = upTo;
          });
          sum += count * mean;
          let cumulative = 0;
          counts.forEach((bucket, index) => {
            cumulative += bucket;
            buckets[index]?.(cumulative, unixS);
          });
          writeCount(cumulative, unixS);
          writeSum(sum, unixS);
        },
      };
    };
    const main = { thread_name: 'main' };
    const active = counter(METRICS.eventLoopTime, { ...main, nodejs_eventloop_state: 'active' });
    const idle = counter(METRICS.eventLoopTime, { ...main, nodejs_eventloop_state: 'idle' });
    const lag = histogram(METRICS.eventLoopLag, main);
    const gc = histogram(METRICS.gcDuration, { ...main, v8js_gc_type: 'minor' }, false);
    const requests = histogram(
      METRICS.httpServerRequestDuration,
      {
        http_request_method: 'GET',
        http_response_status_code: '200',
      },
      false,
    );
    const render = histogram(METRICS.functionDuration, { code_function_name: 'renderReport' });
    const uptime = series(set.nameOf(METRICS.processUptime), {});
    const infoStart = `target_info{${labelsOf({ ...target, service_version: pod.version, ...info?.(pod) })}}`;
    const resource = (value: number, unixS: number) => push('target_info', `${infoStart} ${value} ${unixS}`);
    const mood = Math.exp(0.02 * normal(random));
    for (let unixS = pod.fromS, before = pod.fromS; unixS <= pod.toS; before = unixS, unixS += intervalAt(unixS)) {
      const seconds = Math.max(0.001, unixS - before);
      const cost = (pod.cost ?? 1) * mood * Math.exp(0.03 * normal(random));
      const answered = Math.round(seconds * (pod.rate ?? 40) * loadAt(unixS) * Math.exp(0.03 * normal(random)));
      const busy = Math.min(seconds * 0.99, answered * REQUEST_S * cost);
      const utilization = busy / seconds;
      const wait = (0.008 * cost * utilization) / (1 - Math.min(0.9, utilization)) + 0.0005;
      active.add(busy, unixS);
      idle.add(seconds - busy, unixS);
      lag.add(Math.round(seconds * 20), wait, unixS);
      gc.add(
        Math.max(1, Math.round(seconds)),
        (busy * 0.04 * Math.exp(0.05 * normal(random))) / Math.max(1, Math.round(seconds)),
        unixS,
      );
      requests.add(answered, 0.02 * cost, unixS);
      render.add(Math.round(answered / 4), 0.012 * cost, unixS);
      uptime(unixS - pod.fromS + 1, unixS);
      resource(1, unixS);
    }
  }
  return [...families.values()].flat();
}

/** Puts the families of several services together. */
export function joinServices(...services: readonly (readonly string[])[]): string[] {
  const families = new Map<string, string[]>();
  for (const line of services.flat()) {
    const name = line.slice(0, line.indexOf('{'));
    const known = families.get(name);
    if (known === undefined) families.set(name, [line]);
    else known.push(line);
  }
  return [...families.values()].flat();
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
