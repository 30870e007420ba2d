// Expositions for tests of the status rules.

const LAG = 'loopsight_eventloop_lag_seconds';

/** A healthy process; lines given take the place of those of the same series, and any lag that of its lag. */
export function exposition(...lines: readonly string[]): string {
  const series = new Map<string, string>();
  const ownLag = lines.some((line) => line.startsWith(LAG));
  const healthy = HEALTHY.filter((line) => !ownLag || !line.startsWith(LAG));
  for (const line of [...healthy, ...lines]) series.set(line.slice(0, line.lastIndexOf(' ')), line);
  return `${[...series.values()].join('\n')}\n`;
}

/** The lines of a histogram from the counts of its buckets, which are not cumulative. */
export function histogram(
  name: string,
  labels: string,
  buckets: Readonly<Record<string, number>>,
  sum: number,
): string[] {
  let count = 0;
  const lines: string[] = [];
  const separator = labels === '' ? '' : ',';
  // JavaScript puts keys such as "1" before those such as "0.1".
  const ascending = Object.entries(buckets).sort(
    ([a], [b]) => Number(a.replace('+Inf', '1e9')) - Number(b.replace('+Inf', '1e9')),
  );
  for (const [bound, more] of ascending) {
    count += more;
    lines.push(`${name}_bucket{${labels}${separator}le="${bound}"} ${count}`);
  }
  return [...lines, `${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${count}`];
}

/** The lines of the main thread's lag. */
export function lag(buckets: Readonly<Record<string, number>>, sum: number, thread = 'main'): string[] {
  return histogram(LAG, `thread_name="${thread}"`, buckets, sum);
}

/** The lines of two functions that held the main loop, for so many seconds each, the first one in so many stalls. */
export function stalls(seconds: number, othersSeconds: number, count: number): string[] {
  const first =
    'thread_name="main",loopsight_stall_cause="javascript",code_function_name="Invoices.parse",code_file_path="src/invoice.ts"';
  const other =
    'thread_name="main",loopsight_stall_cause="sync_io",code_function_name="load",code_file_path="src/load.ts"';
  return [
    `loopsight_eventloop_stall_time_seconds_total{${first}} ${seconds}`,
    `loopsight_eventloop_stalls_total{${first}} ${count}`,
    `loopsight_eventloop_stall_time_seconds_total{${other}} ${othersSeconds}`,
    `loopsight_eventloop_stalls_total{${other}} 7`,
    'loopsight_eventloop_stall_time_seconds_total{thread_name="main",loopsight_stall_cause="gc",code_function_name="",code_file_path=""} 500',
  ];
}

const HEALTHY = [
  'process_uptime_seconds 7200',
  'loopsight_eventloop_blocked_seconds{thread_name="main"} 0',
  ...lag({ '0.001': 900, '0.01': 100, '0.1': 0, '1': 0, '30': 0, '+Inf': 0 }, 0.5),
  'nodejs_eventloop_utilization_ratio{thread_name="main"} 0.2',
  'nodejs_eventloop_time_seconds_total{thread_name="main",nodejs_eventloop_state="active"} 1400',
  'nodejs_eventloop_time_seconds_total{thread_name="main",nodejs_eventloop_state="idle"} 5800',
  'v8js_memory_heap_used_bytes{thread_name="main",v8js_heap_space_name="new_space"} 1e6',
  'v8js_memory_heap_used_bytes{thread_name="main",v8js_heap_space_name="old_space"} 2e7',
  'loopsight_heap_limit_bytes{thread_name="main"} 2e9',
  'loopsight_cgroup_throttled_time_seconds_total 3',
  'loopsight_self_snapshot_age_seconds 0.01',
  'loopsight_self_errors_suppressed_total 0',
];
