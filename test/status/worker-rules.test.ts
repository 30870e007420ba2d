import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText } from '../../src/prometheus/parse.js';
import { findProblems } from '../../src/status/find-problems.js';
import { exposition, lag } from './exposition.js';

const POOL = 'thread_name="pool"';
const states = (turning: number, blocked: number, waiting: number) => [
  `loopsight_worker_states{${POOL},worker_state="turning"} ${turning}`,
  `loopsight_worker_states{${POOL},worker_state="blocked"} ${blocked}`,
  `loopsight_worker_states{${POOL},worker_state="waiting"} ${waiting}`,
];
const BLOCKED = `loopsight_eventloop_blocked_seconds{${POOL}} 65`;
const BUSY = `nodejs_eventloop_utilization_ratio{${POOL}} 1`;
const CPU_WAIT = 'loopsight_thread_cpu_wait_time_seconds_total';

const cases: readonly {
  readonly name: string;
  readonly before?: readonly string[];
  readonly now: readonly string[];
  readonly problems: readonly string[];
}[] = [
  {
    name: 'idle workers that wait are said to wait, and nothing else',
    now: [BLOCKED, BUSY, ...states(0, 0, 2)],
    problems: [
      'notice: 2 workers of worker thread pool do not turn and use no CPU: blocked in a wait, such as Atomics.wait, a lock or synchronous I/O (loopsight_worker_states 2, bound 0).',
    ],
  },
  {
    name: 'one that waits beside one that turns and little time used is no problem',
    now: [BLOCKED, ...states(1, 0, 1)],
    problems: [],
  },
  {
    name: 'one that computes beside one that waits is blocked',
    now: [BLOCKED, BUSY, ...states(0, 1, 1)],
    problems: [
      'warning: The loop of worker thread pool has been blocked for 65 s right now (loopsight_eventloop_blocked_seconds 65, bound 5).',
      'warning: The loop of worker thread pool was busy for 100 % of the last 10 s (nodejs_eventloop_utilization_ratio 1, bound 0.95).',
    ],
  },
  {
    name: 'callbacks that came late because their thread waited are none',
    now: [
      ...lag({ '0.001': 10, '30': 50, '+Inf': 0 }, 900, 'pool'),
      `loopsight_eventloop_stall_time_seconds_total{${POOL},loopsight_stall_cause="wait",code_function_name="wait",code_file_path="src/wait.ts"} 800`,
      `loopsight_eventloop_stall_time_seconds_total{${POOL},loopsight_stall_cause="javascript",code_function_name="run",code_file_path="src/run.ts"} 70`,
    ],
    problems: [],
  },
  {
    name: 'threads that wait for a processor, for each of them, with how many share how few',
    before: [`${CPU_WAIT}{${POOL}} 10`, `${CPU_WAIT}{thread_name="main"} 10`],
    now: [
      `${CPU_WAIT}{${POOL}} 14`,
      `${CPU_WAIT}{thread_name="main"} 10.1`,
      `loopsight_workers{${POOL}} 4`,
      'loopsight_cpu_limit 2',
    ],
    problems: [
      'warning: For 50 % of the time worker thread pool was ready to run and waited for a processor in the last 2 s; 5 threads share 2 processors (growth of loopsight_thread_cpu_wait_time_seconds_total a second 0.5, bound 0.2).',
    ],
  },
  {
    name: 'a main thread that waits though there are processors enough',
    before: [`${CPU_WAIT}{thread_name="main"} 10`],
    now: [`${CPU_WAIT}{thread_name="main"} 11`, 'loopsight_cpu_limit 8'],
    problems: [
      'warning: For 50 % of the time thread main was ready to run and waited for a processor in the last 2 s (growth of loopsight_thread_cpu_wait_time_seconds_total a second 0.5, bound 0.2).',
    ],
  },
  { name: 'what was waited for long ago', now: [`${CPU_WAIT}{thread_name="main"} 7000`], problems: [] },
];

for (const { name, before, now, problems } of cases) {
  test(name, () => {
    const found = findProblems({
      now: parseText(exposition(...now)),
      ...(before === undefined ? {} : { before: parseText(exposition(...before)), elapsedS: 2 }),
    });
    assert.deepEqual(
      found.map(({ severity, sentence }) => `${severity}: ${sentence}`),
      problems,
    );
  });
}
