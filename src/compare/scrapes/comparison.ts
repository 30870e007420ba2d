// Everything that is compared, from two folders of saved expositions.
import { ATTRIBUTES, METRICS } from '../../metric-names.js';
import { createFigures, type Figures, labelOf } from '../../status/figures.js';
import { exposedNames } from '../../status/names.js';
import type { Distribution } from '../../status/quantile.js';
import type { Collected, SideTime } from '../collected.js';
import type { Block, Increase } from '../observations.js';
import { ownCounts } from '../statistics/increase.js';
import { largestOf, smallestOf } from '../statistics/summary.js';
import { UnreadableData } from '../unreadable.js';
import { readScrapes, type Scrape, shownPath } from './read-folder.js';

/** Where the scrapes are. */
export interface ScrapesRequest {
  readonly baseline: string;
  readonly candidate: string;
  /** Scrapes from before both; they say what is usual. */
  readonly history: string | undefined;
  /** The thread whose loop is compared. */
  readonly thread: string;
}

type Load = Collected['load'];

/** Reads both folders. Throws UnreadableData. */
export function readComparison({ baseline, candidate, history, thread }: ScrapesRequest): Collected {
  const folders = [readFolder(baseline, thread), readFolder(candidate, thread)] as const;
  const past = history === undefined ? [] : readFolder(history, thread).pairs;
  const loads: readonly Load[] = ['requests', 'calls', 'tasks'];
  const load = loads.find((of) => folders.some(({ pairs }) => pairs.some((pair) => pair.loads[of] > 0))) ?? 'nothing';
  const [before, after] = folders.map((folder) => folder.pairs.map((pair) => blockOf(pair, load)));
  return {
    comparison: {
      baseline: { label: baseline, blocks: before ?? [] },
      candidate: { label: candidate, blocks: after ?? [] },
      past: past.map((pair) => blockOf(pair, load)),
    },
    source: `${shownPath(baseline)} and ${shownPath(candidate)}`,
    job: undefined,
    label: undefined,
    baseline: { label: baseline, ...folders[0].time },
    candidate: { label: candidate, ...folders[1].time },
    chosen: false,
    load,
    blockS: Math.round(largestOf(folders.flatMap(({ pairs }) => pairs.map(({ block }) => block.durationS)))),
    notes:
      load === 'nothing'
        ? [
            'Nothing counts the load (HTTP requests, calls of traced functions, tasks of queues), so nothing can be told per request.',
          ]
        : [],
    warnings: [],
  };
}

/** Two scrapes of a process, one after the other. */
interface Pair {
  readonly block: Omit<Block, 'requests'>;
  readonly loads: Readonly<Record<Load, number>>;
}

function readFolder(
  folder: string,
  thread: string,
): { readonly pairs: readonly Pair[]; readonly time: Omit<SideTime, 'label'> } {
  const scrapes = readScrapes(folder);
  const byInstance = new Map<string, Scrape[]>();
  for (const scrape of scrapes) {
    const known = byInstance.get(scrape.instance);
    if (known === undefined) byInstance.set(scrape.instance, [scrape]);
    else known.push(scrape);
  }
  const pairs = [...byInstance.values()].flatMap((of) => {
    of.sort((a, b) => a.atS - b.atS);
    return of.flatMap((scrape, index) => {
      const next = of[index + 1];
      const pair = next === undefined ? undefined : pairOf(scrape, next, thread);
      return pair === undefined ? [] : [pair];
    });
  });
  if (pairs.length === 0) {
    const processes = byInstance.size === 1 ? 'one process' : `${byInstance.size} processes`;
    throw new UnreadableData(
      `${shownPath(folder)} has no two scrapes of Loopsight's metrics of thread ${thread} of one process, some seconds apart: ${scrapes.length} scrapes of ${processes}; each process has a subfolder of its own.`,
    );
  }
  const times = scrapes.map(({ atS }) => atS);
  return { pairs, time: { startS: smallestOf(times), endS: largestOf(times) } };
}

function pairOf(before: Scrape, now: Scrape, thread: string): Pair | undefined {
  const [from, to] = [uptimeOf(before), uptimeOf(now)];
  const elapsedS = from !== undefined && to !== undefined ? to - from : now.atS - before.atS;
  const figures = createFigures({ now: now.metrics, before: before.metrics, elapsedS });
  const durationS = figures.elapsedS;
  // Undefined after a restart, too.
  if (durationS === undefined || durationS < 1) return undefined;
  const lag = figures
    .histograms(METRICS.eventLoopLag, [ATTRIBUTES.threadName], 0)
    .find((of) => of.period === 'interval' && labelOf(of, ATTRIBUTES.threadName) === thread);
  if (lag === undefined) return undefined;
  const functions = figures
    .histograms(METRICS.functionDuration, [ATTRIBUTES.codeFunctionName], 0)
    .filter(({ period }) => period === 'interval')
    .map((of) => [labelOf(of, ATTRIBUTES.codeFunctionName), increaseOf(of)] as const);
  const ofThread = (found: readonly { labels: Readonly<Record<string, string>>; value: number }[]) =>
    found.find((figure) => labelOf(figure, ATTRIBUTES.threadName) === thread)?.value;
  return {
    block: {
      instance: now.instance === '' ? 'one process' : now.instance,
      startS: before.atS,
      durationS,
      ageS: from,
      loopActiveS: ofThread(
        figures
          .counters(METRICS.eventLoopTime, [ATTRIBUTES.threadName, ATTRIBUTES.eventLoopState], 'interval')
          .filter((figure) => labelOf(figure, ATTRIBUTES.eventLoopState) === 'active'),
      ),
      gcS: collectionTime(figures, thread),
      lag: increaseOf(lag),
      functions: new Map(functions),
    },
    loads: {
      requests: total(figures.counts(METRICS.httpServerRequestDuration, [], 'interval')),
      calls: total(figures.counts(METRICS.functionDuration, [], 'interval')),
      tasks: total(
        figures
          .counters(METRICS.queueTasks, [ATTRIBUTES.queueTaskState], 'interval')
          .filter((figure) => labelOf(figure, ATTRIBUTES.queueTaskState) === 'completed'),
      ),
      nothing: 0,
    },
  };
}

function blockOf({ block, loads }: Pair, load: Load): Block {
  return { ...block, requests: loads[load] };
}

function uptimeOf({ metrics }: Scrape): number | undefined {
  const family = exposedNames(METRICS.processUptime)
    .map((name) => metrics.families.get(name))
    .find((of) => of !== undefined);
  return family?.samples[0]?.value;
}

function collectionTime(figures: Figures, thread: string): number | undefined {
  const found = figures
    .histograms(METRICS.gcDuration, [ATTRIBUTES.threadName], 0)
    .find((of) => of.period === 'interval' && labelOf(of, ATTRIBUTES.threadName) === thread);
  return found?.sum;
}

function total(figures: readonly { readonly value: number }[]): number {
  return figures.reduce((sum, { value }) => sum + value, 0);
}

function increaseOf({ buckets, sum }: Distribution): Increase {
  const bounds = buckets.map(({ bound }) => bound).filter(Number.isFinite);
  return { bounds, counts: ownCounts(buckets.map(({ count }) => count)), sum };
}
