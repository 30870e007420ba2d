// What is compared: each measure takes one figure out of a block; higher is worse.
import type { Block, MetricResult } from '../observations.js';
import { countOf, quantileOfIncrease, shareAbove } from './increase.js';

/** One figure of a block, on a logarithmic scale, and how to judge it. */
export interface Measure {
  readonly id: string;
  readonly subject: string | undefined;
  readonly title: string;
  readonly unit: MetricResult['unit'];
  /** Whether the whole verdict needs an answer here. */
  readonly core: boolean;
  /** Share of the error rate, relative to the other measures'. */
  readonly weight: number;
  /** Whether it grows with the load so that it can only be judged at loads that the baseline has seen. */
  readonly followsLoad: boolean;
  /** About the power of the cost that it follows: what matters is `minimumRatio` to this power. Waits amplify costs. */
  readonly amplification: number;
  /** The smallest difference that matters, in `unit`. */
  readonly minimumDifference: number;
  /** Added before the logarithm, so that next to nothing against nothing is no large ratio. */
  readonly floor: number;
  /** The figure in `unit`; `undefined` where the block has too little of it. */
  readonly read: (block: Block) => number | undefined;
}

const SLOW_S = 0.1;
const MINIMUM_REQUESTS = 30;
const MINIMUM_PROBES = 100;
const MINIMUM_CALLS = { p50: 30, p99: 150 } as const;

/** The measures of a comparison: those of the process, and of the `functions` functions with the most calls. */
export function measuresFor(blocks: readonly Block[], functions: number, minimumQuantileS: number): Measure[] {
  const perFunction = busiestFunctions(blocks, functions).flatMap((name) => functionMeasures(name, minimumQuantileS));
  return [...processMeasures(minimumQuantileS), ...perFunction].map((measure, _, { length }) => ({
    ...measure,
    // What follows the load least carries half of the power; the others share the rest.
    weight: measure.id === 'loop-active-per-request' ? 1 : 1 / (length - 1),
  }));
}

type Unweighted = Omit<Measure, 'weight'>;

function processMeasures(minimumQuantileS: number): Unweighted[] {
  return [
    {
      id: 'loop-active-per-request',
      subject: undefined,
      title: 'active loop time per request',
      unit: 's',
      core: true,
      followsLoad: false,
      amplification: 1,
      minimumDifference: 0,
      floor: 0,
      read: ({ loopActiveS, requests }) => perRequest(loopActiveS, requests),
    },
    {
      id: 'lag-p99',
      subject: undefined,
      title: 'p99 of the lag',
      unit: 's',
      core: true,
      followsLoad: true,
      amplification: 2,
      minimumDifference: minimumQuantileS,
      floor: 0,
      read: ({ lag }) =>
        lag !== undefined && countOf(lag) >= MINIMUM_PROBES ? quantileOfIncrease(lag, 0.99) : undefined,
    },
    {
      id: 'lag-slow-share',
      subject: undefined,
      title: 'share of moments with a lag over 100 ms',
      unit: '1',
      core: true,
      followsLoad: true,
      amplification: 2,
      minimumDifference: 0.005,
      floor: 0.002,
      read: ({ lag }) => (lag !== undefined && countOf(lag) >= MINIMUM_PROBES ? shareAbove(lag, SLOW_S) : undefined),
    },
    {
      id: 'gc-per-request',
      subject: undefined,
      title: 'garbage collection per request',
      unit: 's',
      core: false,
      followsLoad: false,
      amplification: 1,
      minimumDifference: 0,
      floor: 0.000_01,
      read: ({ gcS, requests }) => perRequest(gcS, requests),
    },
  ];
}

function functionMeasures(name: string, minimumQuantileS: number): Unweighted[] {
  return ([0.5, 0.99] as const).map((q) => {
    const label = q === 0.5 ? 'p50' : 'p99';
    return {
      id: `function-${label}`,
      subject: name,
      title: `${label} of ${name}`,
      unit: 's',
      core: false,
      followsLoad: true,
      amplification: 1,
      minimumDifference: q === 0.5 ? minimumQuantileS / 10 : minimumQuantileS,
      floor: 0,
      read: ({ functions }) => {
        const increase = functions.get(name);
        return increase !== undefined && countOf(increase) >= MINIMUM_CALLS[label]
          ? quantileOfIncrease(increase, q)
          : undefined;
      },
    };
  });
}

function perRequest(seconds: number | undefined, requests: number): number | undefined {
  return seconds === undefined || requests < MINIMUM_REQUESTS ? undefined : seconds / requests;
}

function busiestFunctions(blocks: readonly Block[], limit: number): string[] {
  const calls = new Map<string, number>();
  for (const { functions } of blocks) {
    for (const [name, increase] of functions) calls.set(name, (calls.get(name) ?? 0) + countOf(increase));
  }
  return [...calls]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([name]) => name);
}
