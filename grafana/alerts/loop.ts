// Alerts of main loops: starved, blocked, lagging, busy, stalled, spinning.
import { LATENCY_BOUNDS_S, METRICS } from '../../src/metric-names.js';
import { answered, asking } from '../rules/asking.js';
import { MINUTE_S } from '../rules/durations.js';
import { longest } from '../rules/growth.js';
import { type Expressions, LABELS, MAIN, quietJobs } from '../rules/promql.js';
import { type Alert, PERCENT, PROCESS, TIME } from './alert.js';

const LAG = METRICS.eventLoopLag;
const PAGE_WINDOW_S = 2 * MINUTE_S;
const WINDOW_S = 5 * MINUTE_S;

/** A debugger holds a loop because somebody asked it to. */
const NOT_DEBUGGED = `${LABELS.stallCause}!="debugger"`;
/** Causes that blame code, or might; garbage collection and a missing CPU have alerts of their own. */
const CODE = `${LABELS.stallCause}!~"debugger|gc|descheduled"`;

export const LOOP_ALERTS: readonly Alert[] = [
  {
    name: 'LoopsightStarved',
    severity: 'page',
    needs: [LAG, METRICS.stallTime],
    expr: (e) => `${lagP99(e, PAGE_WINDOW_S)}
and ${same(e)} ${enough(e, PAGE_WINDOW_S)}
and ${same(e)} (
  ${lagP99(e, PAGE_WINDOW_S)} > ${e.options.starvedLagS}
  or ${stalled(e, PAGE_WINDOW_S, NOT_DEBUGGED)} > ${e.options.starvedStalledShare}
)
unless ${quietJobs(e)}`,
    forS: MINUTE_S,
    keepFiringS: 2 * MINUTE_S,
    summary: (e) =>
      `The event loop of ${PROCESS} is starved: one arrival in a hundred waits ${TIME}${culprit(e, METRICS.stallTime)}.`,
    description:
      'Requests wait for the loop, whatever they ask for. See whether one instance or all of them, and since which deploy; roll back, or take the instance out of traffic.',
    panel: 'lagByInstance',
    runbook: 'starved',
  },
  {
    name: 'LoopsightBlockedLong',
    severity: 'page',
    needs: [METRICS.eventLoopBlocked],
    expr: (e) => `${blocked(e)} > ${e.options.blockedPageS}\nunless ${quietJobs(e)}`,
    forS: 0,
    // Longer than the same block makes LoopsightStarved fire, which it keeps quiet: its window, and for how long that goes on.
    keepFiringS: 5 * MINUTE_S,
    summary: () => `The event loop of ${PROCESS} has not turned for ${TIME}: it answers nobody.`,
    description:
      'Run `loopsight dump`, or read the stack that the observer has logged, before you restart the process: afterwards the cause is gone.',
    panel: 'blocked',
    runbook: 'blocked',
  },
  {
    name: 'LoopsightBlocked',
    severity: 'ticket',
    needs: [METRICS.stallDuration],
    // While it lasts, where the observer tells; and afterwards, because scrapes come less often than some blocks last.
    expr: (e) => {
      const now = e.set.has(METRICS.eventLoopBlocked) ? [`${blocked(e)} > ${e.options.blockedS}`] : [];
      const past = stalledFor(e, e.options.blockedS);
      return `(\n  ${[...now, ...past].join('\n  or ')}\n)\nunless ${quietJobs(e)}`;
    },
    isOff: (e) => !e.set.has(METRICS.eventLoopBlocked) && stalledFor(e, e.options.blockedS).length === 0,
    forS: 0,
    keepFiringS: 5 * MINUTE_S,
    summary: () => `The event loop of ${PROCESS} stood still for about ${TIME}.`,
    description:
      'The line of the log about the stall names function, file, line and route. Move that work off the loop.',
    // It is there however the metrics come, and a block is mostly over when its ticket is read.
    panel: 'stalls',
    runbook: 'blocked',
  },
  {
    name: 'LoopsightLagHigh',
    severity: 'ticket',
    needs: [LAG],
    expr: (e) => `${lagP99(e, WINDOW_S)} > ${e.options.lagS}
and ${same(e)} ${enough(e, WINDOW_S)}
unless ${quietJobs(e)}`,
    forS: 10 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: () => `One arrival in a hundred waits ${TIME} for the event loop of ${PROCESS}.`,
    description:
      'Synchronous work delays everybody: see which version and which function, then split or move the work.',
    panel: 'lagByInstance',
    runbook: 'lag-high',
  },
  {
    name: 'LoopsightUtilizationHigh',
    severity: 'ticket',
    needs: [METRICS.eventLoopTime],
    expr: (e) => {
      const time = (matchers: readonly string[]) =>
        e.by(
          'sum',
          e.processLabels,
          e.over('rate', METRICS.eventLoopTime, WINDOW_S, { matchers: [MAIN, ...matchers] }),
        );
      return `${time([`${LABELS.loopState}="active"`])}\n/ ${same(e)} ${time([])} > ${e.options.utilization}`;
    },
    forS: 15 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: () => `The event loop of ${PROCESS} is active for ${PERCENT} of the time.`,
    description: 'There is no room left for a burst: add instances, or move work to worker threads.',
    panel: 'utilization',
    runbook: 'utilization-high',
  },
  {
    name: 'LoopsightStalls',
    severity: 'ticket',
    needs: [METRICS.stallTime],
    expr: (e) => `${stalled(e, WINDOW_S, CODE)} > ${e.options.stalledShare}\nunless ${quietJobs(e)}`,
    forS: 10 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: (e) =>
      `The event loop of ${PROCESS} stands still for ${PERCENT} of the time${culprit(e, METRICS.stallTime)}.`,
    description:
      'The panel lists the functions that hold the loop; the log has file, line, route and trace of long stalls.',
    panel: 'stalls',
    runbook: 'stalls',
  },
  {
    name: 'LoopsightSpinning',
    severity: 'ticket',
    needs: [METRICS.spinTime],
    expr: (e) =>
      `${e.by('sum', e.processLabels, e.over('rate', METRICS.spinTime, WINDOW_S, { matchers: [MAIN] }))} > ${e.options.spinningShare}`,
    forS: 10 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: (e) =>
      `The event loop of ${PROCESS} turns without anything to handle for ${PERCENT} of the time${culprit(e, METRICS.spinTime)}.`,
    description:
      'Something waits by asking again and again, with setImmediate or a timer of 0 ms: let it wait for an event.',
    panel: 'spinning',
    runbook: 'spinning',
  },
];

function lagP99(e: Expressions, windowS: number): string {
  return e.quantile(0.99, LAG, windowS, e.processLabels, { matchers: [MAIN] });
}

/** Holds where there were enough probes to speak of a percentile. */
function enough(e: Expressions, windowS: number): string {
  const probes = e.by('sum', e.processLabels, e.over('increase', LAG, windowS, { matchers: [MAIN], suffix: '_count' }));
  const minimum = Number((e.options.minimumMoments / e.options.shorten).toPrecision(6));
  return `(${probes} >= ${minimum})`;
}

function blocked(e: Expressions): string {
  return e.by('max', e.processLabels, e.series(METRICS.eventLoopBlocked, { matchers: [MAIN] }));
}

/** Stalls that were longer than `boundS` for certain: their bucket lies above the first bound that is not below it. */
function stalledFor(e: Expressions, boundS: number): readonly string[] {
  const bound = LATENCY_BOUNDS_S.slice(0, -1).find((candidate) => candidate >= boundS);
  const stalls = longest(e, METRICS.stallDuration, WINDOW_S, e.processLabels, { matchers: [MAIN, NOT_DEBUGGED] });
  return bound === undefined ? [] : [`${stalls} > ${bound}`];
}

function stalled(e: Expressions, windowS: number, causes: string): string {
  return e.by('sum', e.processLabels, e.over('rate', METRICS.stallTime, windowS, { matchers: [MAIN, causes] }));
}

function same(e: Expressions): string {
  return `on (${e.labels(...e.processLabels)})`;
}

/**
 * ", mostly in …": the function that took most of the time that a metric counts, also if it did so for the first time;
 * nothing where none is known.
 */
function culprit(e: Expressions, metric: typeof METRICS.stallTime | typeof METRICS.spinTime): string {
  const query = (matchers: string) => {
    const series = `${e.set.nameOf(metric)}{${matchers}, ${MAIN}, ${LABELS.function}!=""}`;
    const window = e.duration(WINDOW_S);
    const grew = `${series} unless ${series} offset ${window} or increase(${series}[${window}])`;
    return `topk(1, sum by (${LABELS.function}, ${LABELS.file}) (${grew}) > 0)`;
  };
  const then = `, mostly in ${answered(LABELS.function)} (${answered(LABELS.file)})`;
  return asking(e, e.processLabels, query, then);
}
