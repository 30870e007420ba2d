// Series of made processes of the job "shop", for promtool.
import type { Series } from './promtool-cases.js';

export function uptimeOf(instance: string): string {
  return `process_uptime_seconds{job="shop", instance="${instance}", service_version="1"}`;
}

export function uptimes(...instances: readonly string[]): Series {
  return Object.fromEntries(instances.map((instance) => [uptimeOf(instance), '0+60x20']));
}

/** `fast` of `all` probes a minute waited for 100 ms at most. */
export function lagOf(instance: string, fast: string, all: string, version = '1'): Series {
  const series = (le: string) =>
    `loopsight_eventloop_lag_seconds_bucket{job="shop", instance="${instance}", service_version="${version}", thread_name="main", le="${le}"}`;
  return { [series('0.1')]: fast, [series('1')]: all, [series('+Inf')]: all };
}

export function stalledOf(instance: string, seconds: string): Series {
  const labels = `{job="shop", instance="${instance}", thread_name="main", code_function_name="f"}`;
  return { [`loopsight_eventloop_stall_time_seconds_total${labels}`]: seconds };
}

export function stalledBy(name: string, seconds: string): Series {
  const labels = `{job="shop", instance="a", thread_name="main", code_function_name="${name}"}`;
  return { [`loopsight_eventloop_stall_time_seconds_total${labels}`]: seconds };
}

export function inProcess(instance: string, series: Series): Series {
  return Object.fromEntries(
    Object.entries(series).map(([key, values]) => [key.replace('instance="a"', `instance="${instance}"`), values]),
  );
}

/** `fast` of `all` requests a minute took 250 ms at most. */
export function requestsOf(fast: string, all: string): Series {
  const series = (le: string) =>
    `http_server_request_duration_seconds_bucket{job="shop", instance="a", service_version="1", le="${le}"}`;
  return { [series('0.25')]: fast, [series('2.5')]: all, [series('+Inf')]: all };
}

export function heapOf(instance: string, used: string): Series {
  const labels = `{job="shop", instance="${instance}", service_version="1", thread_name="main"}`;
  return { [`v8js_memory_heap_used_bytes${labels}`]: used, [`loopsight_heap_limit_bytes${labels}`]: '100x20' };
}
