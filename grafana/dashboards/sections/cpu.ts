// CPU: what is used, and what was kept from us.
import { METRICS } from '../../../src/metric-names.js';
import { THROTTLED_SHARE } from '../../../src/status/thresholds.js';
import { BY_INSTANCE, BY_LOOP, BY_TARGET, INSTANCE, LABELS, LOOP } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

export function cpu(queries: Queries): Section {
  const { rate } = queries;
  const active = aggregate('sum', BY_LOOP, rate(METRICS.eventLoopTime, [`${LABELS.loopState}="active"`]));
  const computing = aggregate('sum', BY_LOOP, rate(METRICS.threadCpuTime));
  return {
    id: 8,
    title: 'CPU',
    lines: [
      {
        height: 7,
        panels: [
          timeSeries({
            id: 801,
            title: 'CPU of the process, most five',
            description:
              'Cores that a process uses. Little above 1 with a saturated loop is the limit of one thread: more cores do not help, worker threads or instances do.',
            unit: 'none',
            narrowsTo: 'instance',
            queries: [
              {
                expr: top5(aggregate('sum', BY_INSTANCE, rate(METRICS.processCpuTime))),
                legend: INSTANCE,
              },
            ],
          }),
          timeSeries({
            id: 802,
            title: 'Loop active without computing, worst five',
            description:
              'Share of the time in which a loop was active but its thread had no CPU: synchronous I/O, waiting for a child process or a lock, or a machine that did not let it run. High here is not solved by faster code.',
            unit: 'percentunit',
            narrowsTo: 'instance',
            atLeast: 0.1,
            queries: [
              {
                // Two clocks that are read at different moments differ by a little, in either direction.
                expr: top5(`clamp_min(${active} - ${computing}, 0)`),
                legend: LOOP,
              },
            ],
          }),
          timeSeries({
            id: 803,
            title: 'Throttled, worst five',
            description:
              'Share of the time in which the control group was kept from the CPU by its quota (Linux). Any of it is lag that no code change removes: raise or remove the CPU limit.',
            unit: 'percentunit',
            limits: { warning: THROTTLED_SHARE, critical: 0.25 },
            narrowsTo: 'instance',
            atLeast: THROTTLED_SHARE,
            queries: [
              {
                // Processes of a group share their control group as well.
                expr: top5(aggregate('max', BY_TARGET, rate(METRICS.cgroupThrottledTime))),
                legend: `{{${LABELS.instance}}}`,
              },
            ],
          }),
        ],
      },
    ],
  };
}
