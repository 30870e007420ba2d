import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseText } from '../../src/prometheus/parse.js';
import { createFigures } from '../../src/status/figures.js';
import { findProblems } from '../../src/status/find-problems.js';
import { selectWorst } from '../../src/status/problem.js';
import { describeHealth } from '../../src/status/summary.js';
import { exposition, histogram, lag, stalls } from './exposition.js';

const QUEUE = 'queue_name="mail",queue_type="array"';
const POOL = 'db_client_connection_pool_name="shop"';
const CALLS = 'loopsight_function_duration_seconds';
const HTTP = 'http_server_request_duration_seconds';
const WORKER = 'nodejs_eventloop_utilization_ratio{thread_name="render"}';

interface Case {
  readonly name: string;
  readonly now: readonly string[];
  readonly before?: readonly string[];
  readonly problems: readonly string[];
  readonly severity?: string;
}

/** Three pools: `stuck` as it is said, `moving`, whose connections come back, and `free`, which has some left. */
function pools({ used, pending, givenBack }: Readonly<Record<'used' | 'pending' | 'givenBack', number>>): string[] {
  return [
    { pool: 'stuck', used, count: givenBack },
    { pool: 'moving', used, count: givenBack + pending },
    { pool: 'free', used: used - 1, count: givenBack },
  ].flatMap((one) => {
    const name = `db_client_connection_pool_name="${one.pool}"`;
    return [
      `db_client_connection_count{${name},db_client_connection_state="used"} ${one.used}`,
      `db_client_connection_count{${name},db_client_connection_state="idle"} 0`,
      `db_client_connection_limit{${name}} 10`,
      `db_client_connection_pending_requests{${name}} ${pending}`,
      ...histogram('db_client_connection_use_time_seconds', name, { '0.5': one.count, '+Inf': 0 }, one.count / 4),
    ];
  });
}

const cases: readonly Case[] = [
  { name: 'a healthy process', now: [], problems: [] },
  {
    name: 'a main loop blocked right now',
    now: ['loopsight_eventloop_blocked_seconds{thread_name="main"} 3.2'],
    problems: [
      'The loop of thread main has been blocked for 3.2 s right now (loopsight_eventloop_blocked_seconds 3.2, bound 0.5).',
    ],
    severity: 'critical',
  },
  {
    name: 'a main loop overdue for less',
    now: ['loopsight_eventloop_blocked_seconds{thread_name="main"} 0.49'],
    problems: [],
  },
  {
    name: 'a worker that computes for 4 s',
    now: ['loopsight_eventloop_blocked_seconds{thread_name="render"} 4'],
    problems: [],
  },
  {
    name: 'a worker that is blocked for long',
    now: ['loopsight_eventloop_blocked_seconds{thread_name="render"} 65'],
    problems: [
      'The loop of worker thread render has been blocked for 65 s right now (loopsight_eventloop_blocked_seconds 65, bound 5).',
    ],
  },
  {
    name: 'code that held the loop in stalls',
    now: stalls(100, 36, 40),
    problems: [
      'Invoices.parse (src/invoice.ts) held the loop of thread main for 100 s in 40 stalls since start, 1.4 % of the time (growth of loopsight_eventloop_stall_time_seconds_total a second 0.0139, bound 0.01).',
    ],
    severity: 'warning',
  },
  {
    name: 'stalls between two scrapes',
    before: stalls(100, 36, 40),
    now: stalls(101, 36, 42),
    problems: [
      'Invoices.parse (src/invoice.ts) held the loop of thread main for 1 s in 2 stalls in the last 2 s, 50 % of the time (growth of loopsight_eventloop_stall_time_seconds_total a second 0.5, bound 0.01).',
    ],
  },
  { name: 'stalls that are rare', now: stalls(30, 20, 40), problems: [] },
  {
    name: 'a loop that spins',
    before: [
      'loopsight_eventloop_spin_time_seconds_total{thread_name="main",code_function_name="drain",code_file_path="src/outbox.ts"} 10',
    ],
    now: [
      'loopsight_eventloop_spin_time_seconds_total{thread_name="main",code_function_name="drain",code_file_path="src/outbox.ts"} 12',
    ],
    problems: [
      'The loop of thread main never sleeps and has nothing to handle; drain (src/outbox.ts) keeps it turning (growth of loopsight_eventloop_spin_time_seconds_total a second 1, bound 0.5).',
    ],
  },
  {
    name: 'lag since start, interpolated in its bucket',
    now: lag({ '0.1': 90, '0.2': 0, '0.3': 10, '+Inf': 0 }, 3),
    problems: [
      'One callback in a hundred waited about 290 ms or more for the loop of thread main since start ' +
        '(loopsight_eventloop_lag_seconds p99 0.29, bound 0.1).',
    ],
    severity: 'warning',
  },
  {
    name: 'lag beyond the last bucket',
    now: lag({ '0.001': 0, '0.01': 0, '0.1': 90, '1': 0, '30': 0, '+Inf': 10 }, 3),
    problems: [
      'One callback in a hundred waited over 30 s for the loop of thread main since start ' +
        '(loopsight_eventloop_lag_seconds p99 over 30, bound 0.1).',
    ],
    severity: 'critical',
  },
  {
    name: 'lag that was in order until the first scrape',
    before: lag({ '0.001': 100_000, '1': 0, '+Inf': 0 }, 10),
    now: lag({ '0.001': 100_020, '1': 20, '+Inf': 0 }, 20),
    problems: [
      'One callback in a hundred waited about 980 ms or more for the loop of thread main in the last 2 s ' +
        '(loopsight_eventloop_lag_seconds p99 0.98, bound 0.1).',
    ],
  },
  {
    name: 'lag that was bad before the first scrape and no longer is',
    before: lag({ '0.001': 1000, '1': 500, '+Inf': 0 }, 300),
    now: lag({ '0.001': 1040, '1': 500, '+Inf': 0 }, 300),
    problems: [],
  },
  {
    name: 'too few probes between the scrapes: since start',
    before: lag({ '0.001': 1000, '1': 500, '+Inf': 0 }, 300),
    now: lag({ '0.001': 1010, '1': 500, '+Inf': 0 }, 300),
    problems: [
      'One callback in a hundred waited about 970 ms or more for the loop of thread main since start ' +
        '(loopsight_eventloop_lag_seconds p99 0.97, bound 0.1).',
    ],
  },
  {
    name: 'a process that was started anew between the scrapes',
    before: ['process_uptime_seconds 9000', ...lag({ '0.001': 10, '1': 0, '+Inf': 0 }, 1)],
    now: lag({ '0.001': 60, '1': 50, '+Inf': 0 }, 30),
    problems: [
      'One callback in a hundred waited about 978 ms or more for the loop of thread main since start ' +
        '(loopsight_eventloop_lag_seconds p99 0.978, bound 0.1).',
    ],
  },
  {
    name: 'the mean of lag',
    now: lag({ '0.001': 0, '0.01': 0, '0.1': 1000, '+Inf': 0 }, 80),
    problems: [
      'A callback waited 80 ms on average for the loop of thread main since start ' +
        '(loopsight_eventloop_lag_seconds mean 0.08, bound 0.05).',
    ],
  },
  {
    name: 'a busy main loop',
    now: ['nodejs_eventloop_utilization_ratio{thread_name="main"} 0.97'],
    problems: [
      'The loop of thread main was busy for 97 % of the last 10 s (nodejs_eventloop_utilization_ratio 0.97, bound 0.9).',
    ],
  },
  { name: 'workers with time to spare', now: [`${WORKER} 0.94`], problems: [] },
  {
    name: 'busy workers',
    now: [`${WORKER} 0.996`],
    problems: [
      'The loop of worker thread render was busy for 99 % of the last 10 s (nodejs_eventloop_utilization_ratio 0.996, bound 0.95).',
    ],
  },
  {
    name: 'a stale and deep queue, the worse first',
    now: [`loopsight_queue_depth{${QUEUE}} 1240`, `loopsight_queue_oldest_age_seconds{${QUEUE}} 192`],
    problems: [
      'The oldest task in queue mail has waited for 3 min 12 s (loopsight_queue_oldest_age_seconds 192, bound 10).',
      '1,240 tasks wait in queue mail (loopsight_queue_depth 1240, bound 1000).',
    ],
    severity: 'critical',
  },
  {
    name: 'a queue that grows',
    before: [`loopsight_queue_depth{${QUEUE}} 100`],
    now: [`loopsight_queue_depth{${QUEUE}} 150`],
    problems: [
      '150 tasks wait in queue mail, 50 tasks more than 2 s ago (loopsight_queue_depth +25 a second, bound +5).',
    ],
  },
  {
    name: 'a queue that was all but empty',
    before: [`loopsight_queue_depth{${QUEUE}} 3`],
    now: [`loopsight_queue_depth{${QUEUE}} 150`],
    problems: [],
  },
  {
    name: 'a queue whose first figures were 8 s old: it grew within 10 s, not 2',
    before: [`loopsight_queue_depth{${QUEUE}} 100`, 'loopsight_self_snapshot_age_seconds 8'],
    now: [`loopsight_queue_depth{${QUEUE}} 200`, 'loopsight_self_snapshot_age_seconds 0'],
    problems: [
      '200 tasks wait in queue mail, 100 tasks more than 10 s ago (loopsight_queue_depth +10 a second, bound +5).',
    ],
  },
  {
    name: 'two scrapes with the same figures: since start',
    before: [...lag({ '0.001': 1000, '1': 500, '+Inf': 0 }, 300), 'loopsight_self_snapshot_age_seconds 1'],
    now: [...lag({ '0.001': 1000, '1': 500, '+Inf': 0 }, 300), 'loopsight_self_snapshot_age_seconds 3'],
    problems: [
      'One callback in a hundred waited about 970 ms or more for the loop of thread main since start ' +
        '(loopsight_eventloop_lag_seconds p99 0.97, bound 0.1).',
    ],
  },
  {
    name: 'a queue that shrinks',
    before: [`loopsight_queue_depth{${QUEUE}} 150`],
    now: [`loopsight_queue_depth{${QUEUE}} 100`],
    problems: [],
  },
  {
    name: 'a saturated queue',
    now: [
      `loopsight_queue_depth{${QUEUE}} 7`,
      `loopsight_queue_running{${QUEUE}} 4`,
      `loopsight_queue_capacity{${QUEUE}} 4`,
      ...histogram('loopsight_queue_wait_duration_seconds', QUEUE, { '1': 0, '5': 100, '+Inf': 0 }, 300),
      ...histogram('loopsight_queue_run_duration_seconds', QUEUE, { '1': 100, '5': 0, '+Inf': 0 }, 30),
    ],
    problems: [
      'Queue mail runs all the tasks that it may and 7 more wait: one in a hundred waited 4.96 s since start, ' +
        'where a run takes 300 ms (loopsight_queue_running 4, bound 4).',
    ],
  },
  {
    name: 'a saturated queue, and how many at once would do',
    before: [
      `loopsight_queue_tasks_total{${QUEUE},queue_task_state="added"} 100`,
      ...histogram('loopsight_queue_wait_duration_seconds', QUEUE, { '1': 0, '5': 100, '+Inf': 0 }, 300),
      ...histogram('loopsight_queue_run_duration_seconds', QUEUE, { '1': 100, '5': 0, '+Inf': 0 }, 30),
    ],
    now: [
      `loopsight_queue_depth{${QUEUE}} 7`,
      `loopsight_queue_running{${QUEUE}} 4`,
      `loopsight_queue_capacity{${QUEUE}} 4`,
      `loopsight_queue_tasks_total{${QUEUE},queue_task_state="added"} 140`,
      ...histogram('loopsight_queue_wait_duration_seconds', QUEUE, { '1': 0, '5': 130, '+Inf': 0 }, 390),
      ...histogram('loopsight_queue_run_duration_seconds', QUEUE, { '1': 130, '5': 0, '+Inf': 0 }, 39),
    ],
    problems: [
      'Queue mail runs all the tasks that it may and 7 more wait: one in a hundred waited 4.96 s in the last 2 s, ' +
        'where a run takes 300 ms; with 7 at once they would wait no longer than a run on average ' +
        '(loopsight_queue_running 4, bound 4).',
    ],
  },
  {
    name: 'a full queue whose tasks start at once',
    now: [
      `loopsight_queue_depth{${QUEUE}} 1`,
      `loopsight_queue_running{${QUEUE}} 4`,
      `loopsight_queue_capacity{${QUEUE}} 4`,
      ...histogram('loopsight_queue_wait_duration_seconds', QUEUE, { '0.01': 100, '+Inf': 0 }, 1),
      ...histogram('loopsight_queue_run_duration_seconds', QUEUE, { '1': 100, '+Inf': 0 }, 30),
    ],
    problems: [],
  },
  {
    name: 'a lock that is waited for',
    now: [
      ...histogram('loopsight_lock_wait_duration_seconds', 'lock_name="hosts"', { '1': 0, '2.5': 100, '+Inf': 0 }, 150),
      ...histogram('loopsight_lock_hold_duration_seconds', 'lock_name="hosts"', { '0.5': 100, '+Inf': 0 }, 25),
      'loopsight_lock_waiters{lock_name="hosts"} 3',
      'loopsight_lock_waiters{lock_name="other"} 9',
    ],
    problems: [
      'One in a hundred waited 2.49 s for lock hosts since start; it is held for 250 ms at a time; 3 wait right now ' +
        '(loopsight_lock_wait_duration_seconds p99 2.49, bound 1).',
    ],
  },
  {
    name: 'a lock that nobody gives back',
    now: [
      'loopsight_lock_longest_hold_seconds{lock_name="ledger"} 90',
      'loopsight_lock_waiters{lock_name="ledger"} 2',
      'loopsight_lock_long_holds_total{lock_name="ledger",code_function_name="audit",code_file_path="src/audit.ts"} 1',
      // Nobody waits for this one, such as that of who leads.
      'loopsight_lock_longest_hold_seconds{lock_name="leader"} 900',
      'loopsight_lock_waiters{lock_name="leader"} 0',
      // Many have one name: who waits does not wait for the one that is held.
      'loopsight_lock_longest_hold_seconds{lock_name="users"} 900',
      'loopsight_lock_waiters{lock_name="users"} 1',
    ],
    problems: [
      'Lock ledger has been held for 90 s by audit (src/audit.ts) and 2 wait for it ' +
        '(loopsight_lock_longest_hold_seconds 90, bound 5).',
    ],
    severity: 'critical',
  },
  {
    name: 'a lock of several long holders',
    now: [
      'loopsight_lock_longest_hold_seconds{lock_name="ledger"} 9',
      'loopsight_lock_waiters{lock_name="ledger"} 1',
      'loopsight_lock_long_holds_total{lock_name="ledger",code_function_name="audit",code_file_path="src/audit.ts"} 1',
      'loopsight_lock_long_holds_total{lock_name="ledger",code_function_name="post",code_file_path="src/post.ts"} 1',
    ],
    problems: [
      'Lock ledger has been held for 9 s and 1 waits for it (loopsight_lock_longest_hold_seconds 9, bound 5).',
    ],
    severity: 'warning',
  },
  {
    name: 'a pool whose connections do not come back, one whose do, and one of which some are left',
    before: pools({ used: 10, pending: 3, givenBack: 40 }),
    now: pools({ used: 10, pending: 4, givenBack: 40 }),
    problems: [
      '4 requests wait for a connection of pool stuck: all 10 are in use, and none was given back in the last 2 s ' +
        '(db_client_connection_pending_requests 4, bound 0).',
    ],
  },
  {
    name: 'threads of libuv that are taken for good',
    now: [
      'loopsight_threadpool_oldest_age_seconds{threadpool_lane="default"} 31',
      'loopsight_threadpool_oldest_age_seconds{threadpool_lane="slow_io"} 0.9',
      'loopsight_threadpool_size{threadpool_lane="default"} 4',
    ],
    problems: [
      'Whatever needs a thread of libuv for files, crypto or compression has waited for 31 s right now; there are 4 ' +
        '(UV_THREADPOOL_SIZE) (loopsight_threadpool_oldest_age_seconds 31, bound 1).',
    ],
  },
  {
    name: 'a lock that is waited for seldom, and one for a moment',
    now: [
      ...histogram('loopsight_lock_wait_duration_seconds', 'lock_name="seldom"', { '1': 0, '2.5': 5, '+Inf': 0 }, 8),
      ...histogram('loopsight_lock_wait_duration_seconds', 'lock_name="short"', { '1': 100, '+Inf': 0 }, 40),
    ],
    problems: [],
  },
  {
    name: 'a pool of connections that is used up',
    now: [
      ...histogram('db_client_connection_wait_time_seconds', POOL, { '1': 0, '2.5': 20, '+Inf': 0 }, 40),
      `db_client_connection_limit{${POOL}} 10`,
      `db_client_connection_pending_requests{${POOL}} 1`,
    ],
    problems: [
      'One in a hundred waited 2.49 s for a connection of pool shop since start; it may have 10; 1 request waits right now ' +
        '(db_client_connection_wait_time_seconds p99 2.49, bound 0.5).',
    ],
  },
  {
    name: 'the thread pool of libuv used up',
    now: [
      ...histogram(
        'loopsight_threadpool_wait_duration_seconds',
        'threadpool_lane="slow_io"',
        { '1': 0, '2.5': 20, '+Inf': 0 },
        40,
      ),
      'loopsight_threadpool_size{threadpool_lane="slow_io"} 2',
      'loopsight_threadpool_size{threadpool_lane="default"} 4',
    ],
    problems: [
      'One in a hundred waited 2.49 s for a thread of libuv for slow I/O, such as DNS since start; there are 2 ' +
        '(UV_THREADPOOL_SIZE) (loopsight_threadpool_wait_duration_seconds p99 2.49, bound 0.5).',
    ],
  },
  {
    name: 'connections that nobody accepts',
    now: ['loopsight_accept_queue_depth{server_port="8080"} 120', 'loopsight_accept_queue_depth{server_port="9090"} 3'],
    problems: [
      '120 connections wait until the process accepts them at port 8080 (loopsight_accept_queue_depth 120, bound 50).',
    ],
  },
  {
    name: 'a short accept queue that is nearly full',
    now: [
      'loopsight_accept_queue_depth{server_port="8080"} 9',
      'loopsight_accept_queue_capacity{server_port="8080"} 10',
      'loopsight_accept_queue_depth{server_port="9090"} 49',
      'loopsight_accept_queue_capacity{server_port="9090"} 511',
    ],
    problems: [
      '9 connections wait until the process accepts them at port 8080, where 10 may (loopsight_accept_queue_depth 9, bound 5).',
    ],
  },
  {
    name: 'a likely deadlock',
    now: ['loopsight_lock_deadlocks_total 1'],
    problems: [
      '1 pair of locks is taken in opposite orders, a likely deadlock: the log names the code ' +
        '(loopsight_lock_deadlocks_total 1, bound 0).',
    ],
  },
  {
    name: 'HTTP requests that fail',
    now: [
      ...histogram(HTTP, 'http_request_method="GET",http_response_status_code="200"', { '1': 138, '+Inf': 0 }, 3),
      ...histogram(HTTP, 'http_request_method="GET",http_response_status_code="503"', { '1': 8, '+Inf': 0 }, 3),
      ...histogram(HTTP, 'http_request_method="POST",http_response_status_code="500"', { '1': 4, '+Inf': 0 }, 3),
    ],
    problems: [
      `12 HTTP requests of 150 (8 %) failed with a 5xx status since start (share of ${HTTP}_count 0.08, bound 0.05).`,
    ],
  },
  {
    name: 'HTTP requests that clients got wrong',
    now: histogram(HTTP, 'http_response_status_code="404"', { '1': 150, '+Inf': 0 }, 3),
    problems: [],
  },
  {
    name: 'too few requests for a share',
    now: histogram(HTTP, 'http_response_status_code="500"', { '1': 3, '+Inf': 0 }, 3),
    problems: [],
  },
  {
    name: 'a function that fails, and aborts that are not failures',
    now: [
      ...histogram(CALLS, 'code_function_name="Mayhem.restart"', { '1': 80, '+Inf': 0 }, 3),
      ...histogram(CALLS, 'code_function_name="Mayhem.restart",error_type="TypeError"', { '1': 20, '+Inf': 0 }, 3),
      ...histogram(CALLS, 'code_function_name="poll"', { '1': 10, '+Inf': 0 }, 3),
      ...histogram(CALLS, 'code_function_name="poll",error_type="AbortError"', { '1': 90, '+Inf': 0 }, 3),
    ],
    problems: [
      `Function Mayhem.restart failed in 20 of 100 calls (20 %) since start (share of ${CALLS}_count 0.2, bound 0.1).`,
    ],
  },
  {
    name: 'garbage collection',
    before: histogram('v8js_gc_duration_seconds', 'thread_name="main",v8js_gc_type="major"', { '1': 5, '+Inf': 0 }, 1),
    now: [
      ...histogram('v8js_gc_duration_seconds', 'thread_name="main",v8js_gc_type="major"', { '1': 8, '+Inf': 0 }, 1.5),
      'nodejs_eventloop_time_seconds_total{thread_name="main",nodejs_eventloop_state="active"} 1402',
    ],
    problems: [
      'Garbage collection took 25 % of the time of thread main in the last 2 s ' +
        '(share of v8js_gc_duration_seconds_sum 0.25, bound 0.1).',
    ],
  },
  {
    name: 'a heap near its limit, added up over its spaces',
    now: ['v8js_memory_heap_used_bytes{thread_name="main",v8js_heap_space_name="old_space"} 1.95e9'],
    problems: [
      'The heap of thread main holds 1.82 GiB of the 1.86 GiB that it may grow to ' +
        '(v8js_memory_heap_used_bytes 1951000000, bound 1800000000).',
    ],
    severity: 'critical',
  },
  {
    name: 'a throttled control group',
    before: ['loopsight_cgroup_throttled_time_seconds_total 3'],
    now: ['loopsight_cgroup_throttled_time_seconds_total 3.5'],
    problems: [
      'The CPU quota held the process back for 500 ms in the last 2 s ' +
        '(growth of loopsight_cgroup_throttled_time_seconds_total a second 0.25, bound 0.05).',
    ],
  },
  {
    name: 'a control group that was throttled long ago',
    now: ['loopsight_cgroup_throttled_time_seconds_total 9000'],
    problems: [],
  },
  {
    name: 'workers that end badly',
    now: [
      'loopsight_worker_exits_total{thread_name="render",exit_code="1"} 5',
      'loopsight_worker_exits_total{thread_name="render",exit_code="0"} 500',
      'loopsight_worker_exits_total{thread_name="other",exit_code="1"} 1',
      'loopsight_worker_exits_total{thread_name="lost",exit_code="unknown"} 100',
    ],
    problems: ['5 worker threads render ended with exit code 1 since start (loopsight_worker_exits_total 5, bound 2).'],
    severity: 'notice',
  },
  {
    name: 'old figures',
    now: ['loopsight_self_snapshot_age_seconds 12'],
    problems: [
      'The figures of thread main are 12 s old, its loop has not told newer ones since ' +
        '(loopsight_self_snapshot_age_seconds 12, bound 5).',
    ],
  },
  {
    name: 'suppressed errors',
    now: ['loopsight_self_errors_suppressed_total 1'],
    problems: [
      'Loopsight kept 1 error of its own from the application since start, so figures may be missing ' +
        '(loopsight_self_errors_suppressed_total 1, bound 0).',
    ],
  },
  {
    name: 'names without units, as the exporter of OpenTelemetry JS writes them',
    now: ['loopsight_queue_oldest_age{queue_name="mail"} 20'],
    problems: ['The oldest task in queue mail has waited for 20 s (loopsight_queue_oldest_age 20, bound 10).'],
  },
  {
    name: 'a label with an escape sequence and great length',
    now: [`loopsight_queue_oldest_age_seconds{queue_name="\u001b[2J\u202e${'x'.repeat(100)}\\nrm"} 20`],
    problems: [
      `The oldest task in queue [2J${'x'.repeat(56)}… has waited for 20 s (loopsight_queue_oldest_age_seconds 20, bound 10).`,
    ],
  },
  {
    name: 'values that are no numbers',
    now: [
      'loopsight_eventloop_blocked_seconds{thread_name="main"} NaN',
      'nodejs_eventloop_utilization_ratio{thread_name="main"} +Inf',
      'loopsight_eventloop_lag_seconds_bucket{thread_name="main",le="soon"} 1e9',
    ],
    problems: [],
  },
];

function problemsOf({ now, before }: Pick<Case, 'now' | 'before'>) {
  return findProblems({
    now: parseText(exposition(...now)),
    ...(before === undefined ? {} : { before: parseText(healthyBefore(before)), elapsedS: 2 }),
  });
}

// Two seconds earlier.
function healthyBefore(lines: readonly string[]): string {
  return exposition('process_uptime_seconds 7198', ...lines);
}

describe('findProblems', () => {
  for (const entry of cases) {
    it(entry.name, () => {
      const problems = problemsOf(entry);
      assert.deepEqual(
        problems.map((problem) => problem.sentence),
        entry.problems,
      );
      if (entry.severity !== undefined) assert.equal(problems[0]?.severity, entry.severity);
      for (const { sentence, metric } of problems) assert.ok(sentence.includes(metric));
    });
  }

  it('ranks what is critical first, and what is further beyond its bound within a rule', () => {
    const problems = problemsOf({
      now: [
        'loopsight_self_errors_suppressed_total 4',
        'loopsight_queue_oldest_age_seconds{queue_name="a"} 20',
        'loopsight_queue_oldest_age_seconds{queue_name="b"} 40',
        'loopsight_eventloop_blocked_seconds{thread_name="main"} 3.2',
      ],
    });
    assert.deepEqual(
      problems.map(({ rule, subject }) => `${rule} ${subject}`),
      ['loop-blocked thread main', 'queue-age queue b', 'queue-age queue a', 'self-errors loopsight'],
    );
  });

  it('carries value, bound and labels', () => {
    const [problem] = problemsOf({
      now: ['loopsight_eventloop_blocked_seconds{thread_name="main",service_version="1"} 3'],
    });
    assert.equal(problem?.value, 3);
    assert.equal(problem?.bound, 0.5);
    assert.deepEqual(problem?.labels, { thread_name: 'main' });
    assert.equal(problem?.period, 'now');
  });
});

describe('selectWorst', () => {
  it('tells of different subjects before more of the same, in order of rank', () => {
    const problems = problemsOf({
      now: [
        'loopsight_eventloop_blocked_seconds{thread_name="main"} 3',
        ...lag({ '0.1': 50, '5': 50, '+Inf': 0 }, 100),
        'nodejs_eventloop_utilization_ratio{thread_name="main"} 1',
        `loopsight_queue_oldest_age_seconds{${QUEUE}} 20`,
      ],
    });
    assert.equal(problems.length, 4);
    const selected = selectWorst(problems, 3).map(({ rule }) => rule);
    assert.deepEqual(selected, ['loop-blocked', 'loop-lag', 'queue-age']);
  });
});

describe('describeHealth', () => {
  it('says which figures are in order', () => {
    const lines = [
      `loopsight_queue_depth{${QUEUE}} 3`,
      ...histogram(HTTP, 'http_response_status_code="200"', { '1': 138, '+Inf': 0 }, 3),
    ];
    assert.equal(
      describeHealth(createFigures({ now: parseText(exposition(...lines)) })),
      'nothing wrong: lag p99 of thread main 9.1 ms since start, its loop busy for 20 % of the last 10 s, ' +
        '3 tasks wait in 1 queue, 0 of 138 HTTP requests failed since start.',
    );
  });

  it('is silent when there was nothing to judge', () => {
    assert.equal(
      describeHealth(createFigures({ now: parseText('loopsight_self_snapshot_age_seconds 1\n') })),
      undefined,
    );
  });
});
