// How many workers the dashboard says that a queue needs: of several instances, of a pause, of failures, and over Redis.
import { workersNeeded } from '../../src/status/workers-needed.js';
import { readDashboard } from './dashboard.js';
import { queryOf, type Series, testCases } from './promtool-cases.js';

const queues = readDashboard('loopsight', 'queues.json');
const PANEL = 2401;
const COLUMNS = { needed: 0, mayRun: 1, toAdd: 2, work: 3, arrivals: 4, waiting: 5 } as const;

const TARGET_WAIT_S = 0.1;
/** The column of the table, for waits of at most 100 ms. */
const column = (name: keyof typeof COLUMNS) =>
  queryOf(queues, PANEL, COLUMNS[name]).replaceAll('$target_wait', TARGET_WAIT_S.toString());

interface Load {
  readonly instance: string;
  readonly type?: string;
  readonly addedPerMinute?: number;
  readonly endedPerMinute?: number;
  readonly runS?: number;
  readonly capacity?: number;
  readonly depth?: number;
}

/** Series of queue `mail` in one instance. */
function load({ instance, type = 'p-queue', addedPerMinute, endedPerMinute, runS, capacity, depth }: Load): Series {
  const labels = `job="shop", instance="${instance}", queue_name="mail", queue_type="${type}"`;
  const all: Record<string, string> = {};
  const add = (name: string, value: string, more = '') => {
    all[`loopsight_queue_${name}{${labels}${more}}`] = value;
  };
  if (addedPerMinute !== undefined) add('tasks_total', `0+${addedPerMinute}x20`, ', queue_task_state="added"');
  if (endedPerMinute !== undefined && runS !== undefined) {
    add('tasks_total', `0+${endedPerMinute / 2}x20`, ', queue_task_state="completed"');
    add('tasks_total', `0+${endedPerMinute / 2}x20`, ', queue_task_state="failed"');
    add('run_duration_seconds_count', `0+${endedPerMinute}x20`);
    add('run_duration_seconds_sum', `0+${endedPerMinute * runS}x20`);
  }
  if (capacity !== undefined) add('capacity', `${capacity}x20`);
  if (depth !== undefined) add('depth', `${depth}x20`);
  return all;
}

const MAIL = '{job="shop", queue_name="mail"}';
const needed = (arrivalsPerS: number, runS: number) =>
  workersNeeded({ arrivalsPerS, runS, targetWaitS: TARGET_WAIT_S });

const TWO: Series = {
  ...load({ instance: 'a', addedPerMinute: 480, endedPerMinute: 480, runS: 0.1, capacity: 1, depth: 3 }),
  ...load({ instance: 'b', addedPerMinute: 1200, endedPerMinute: 600, runS: 0.1, capacity: 1, depth: 90 }),
};
const REDIS: Series = {
  ...load({ instance: 'adds', type: 'bullmq', addedPerMinute: 1200, depth: 50 }),
  ...load({ instance: 'runs-1', type: 'bullmq', endedPerMinute: 480, runS: 0.1, capacity: 1, depth: 50 }),
  ...load({ instance: 'runs-2', type: 'bullmq', endedPerMinute: 480, runS: 0.1, capacity: 1, depth: 50 }),
};

testCases('how many workers a queue needs', [
  {
    name: 'each instance has its own, half of what it runs fails, and one does not keep up',
    series: TWO,
    expr: column('needed'),
    at: '15m',
    gives: { [MAIL]: needed(8, 0.1) + needed(20, 0.1) },
  },
  {
    name: 'so many more than there are',
    series: TWO,
    expr: column('toAdd'),
    at: '15m',
    gives: { [MAIL]: needed(8, 0.1) + needed(20, 0.1) - 2 },
  },
  { name: 'what waits in all of them', series: TWO, expr: column('waiting'), at: '15m', gives: { [MAIL]: 93 } },
  {
    name: 'work that goes on though no more comes needs one',
    series: load({ instance: 'a', addedPerMinute: 0, endedPerMinute: 60, runS: 0.5, capacity: 1, depth: 9 }),
    expr: column('needed'),
    at: '15m',
    gives: { [MAIL]: 1 },
  },
  {
    name: 'more than are needed may run',
    series: load({ instance: 'a', addedPerMinute: 60, endedPerMinute: 60, runS: 0.01, capacity: 8 }),
    expr: column('toAdd'),
    at: '15m',
    gives: { [MAIL]: 1 - 8 },
  },
  {
    name: 'nothing is said of a queue in which no task ended',
    series: load({ instance: 'a', addedPerMinute: 60, endedPerMinute: 0, runS: 0, capacity: 8 }),
    expr: column('needed'),
    at: '15m',
    gives: {},
  },
  {
    name: 'of a queue in Redis, one process adds and others run',
    series: REDIS,
    expr: column('needed'),
    at: '15m',
    gives: { [MAIL]: needed(20, 0.1) },
  },
  {
    name: 'all of which tell the same depth',
    series: REDIS,
    expr: column('waiting'),
    at: '15m',
    gives: { [MAIL]: 50 },
  },
  {
    name: 'in the overview as well',
    series: REDIS,
    expr: queryOf(readDashboard('loopsight', 'overview.json'), 401),
    at: '15m',
    gives: { [MAIL]: 50 },
  },
]);
