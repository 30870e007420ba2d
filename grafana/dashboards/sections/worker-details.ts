// What worker threads and child processes wait for, and what they end with.
import { METRICS } from '../../../src/metric-names.js';
import { growth } from '../growth.js';
import { BY_JOB, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries } from '../queries.js';

const BY_THREAD = [...BY_JOB, LABELS.thread] as const;
const THREAD = `{{${LABELS.job}}} {{${LABELS.thread}}}`;
// Whatever threads are chosen: the choice at first is the main thread.
const WORKERS = [`${LABELS.thread}!="main"`] as const;

export function workerDetails(queries: Queries): Section {
  const { quantile, rate, series } = queries;
  const both = [...BY_THREAD, LABELS.direction] as const;
  return {
    id: 29,
    title: 'Messages of worker threads, and child processes',
    lines: [
      {
        height: 7,
        panels: [
          queries.has(METRICS.workerMessagesInFlight)
            ? timeSeries({
                id: 2901,
                title: 'Messages on their way',
                description:
                  'Sent and not received, by direction. To a worker: it is busy, or the pool is too small; from a worker: the main thread does not get to it.',
                unit: 'short',
                queries: [
                  {
                    expr: aggregate('sum', both, series(METRICS.workerMessagesInFlight, WORKERS)),
                    legend: `${THREAD} {{${LABELS.direction}}}`,
                  },
                ],
              })
            : undefined,
          queries.has(METRICS.workerMessageWait)
            ? timeSeries({
                id: 2902,
                title: 'Wait of messages, p99',
                description:
                  'From sending a message to its receipt, by direction. To a worker: its loop is held, or it has too much to do; from one: the main thread is, look at its lag.',
                unit: 's',
                queries: [
                  {
                    expr: quantile(0.99, METRICS.workerMessageWait, both, WORKERS),
                    legend: `${THREAD} {{${LABELS.direction}}}`,
                  },
                ],
              })
            : undefined,
          queries.has(METRICS.threadCpuWaitTime)
            ? timeSeries({
                id: 2903,
                title: 'Threads that wait for a processor',
                description:
                  'Share of the time in which threads were ready to run and had no processor. More threads than the CPU quota allows make each other slow.',
                unit: 'percentunit',
                queries: [
                  { expr: aggregate('max', BY_THREAD, rate(METRICS.threadCpuWaitTime, WORKERS)), legend: THREAD },
                ],
              })
            : undefined,
          timeSeries({
            id: 2904,
            title: 'Child processes',
            description:
              'Running child processes by program, over all instances. A count that only rises: somebody starts them without an end.',
            unit: 'short',
            queries: [
              {
                expr: aggregate('sum', [...BY_JOB, LABELS.program], series(METRICS.childProcesses)),
                legend: `{{${LABELS.job}}} {{${LABELS.program}}}`,
              },
            ],
          }),
          timeSeries({
            id: 2905,
            title: 'Child processes that failed',
            description:
              'Ended with another exit code than 0, by a signal such as SIGKILL (out of memory), or never started (ENOENT: no such program).',
            unit: 'short',
            atLeast: 1,
            queries: [
              {
                expr: growth(queries, METRICS.childProcessExits, [...BY_JOB, LABELS.program, LABELS.exitCode], {
                  matchers: [`${LABELS.exitCode}!="0"`],
                }),
                legend: `{{${LABELS.job}}} {{${LABELS.program}}} {{${LABELS.exitCode}}}`,
              },
            ],
          }),
        ],
      },
    ],
  };
}
