// The counters of CPU time by route and function: a bounded number of routes, and of each the functions that are dear.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { BoundSum, Recorder, SeriesAttributes } from '../recorder/recorder.js';
import type { RouteName } from '../route-windows.js';
import type { CodeName } from './attribute.js';
import { type CodeTimes, keyOf } from './route-shares.js';

/** Routes with series of their own. */
const ROUTES = 50;
/** Functions of one route that have one. */
const FUNCTIONS = 10;
/** A function gets one when it took this share of the time of its route so far. */
const SHARE = 0.05;
/** Functions of one route whose time is remembered for that. */
const KNOWN = 500;

export const OTHER_CODE: CodeName = { name: '_other', file: '' };
/** What stands for routes: requests whose own is not known, further ones, and no request. */
const UNKNOWN = '_unknown';
const OTHER = '_other';
const NONE = '_none';

/** The counters. */
export interface RouteSeries {
  /** Adds time of a route, in seconds; of no request where there is no name. */
  add(name: RouteName | undefined, times: CodeTimes): void;
  /** Adds the first times of series that were new when they were told of. */
  addFirst(): void;
  release(): void;
}

interface OneRoute {
  readonly attributes: SeriesAttributes;
  totalS: number;
  readonly spentS: Map<string, number>;
  readonly series: Map<string, BoundSum>;
}

/**
 * Creates the counters. Each series begins with 0, and its first time follows with `addFirst`: a scraper that never saw the
 * beginning would take it for no increase.
 */
export function createRouteSeries(recorder: Pick<Recorder, 'sum'>): RouteSeries {
  const routes = new Map<string, OneRoute>();
  const first = new Map<BoundSum, number>();

  function routeOf(name: RouteName | undefined): OneRoute {
    const route = name === undefined ? NONE : (name.route ?? UNKNOWN);
    const key = `${name?.method ?? ''} ${route}`;
    const known = routes.get(key);
    if (known !== undefined) return known;
    if (route !== OTHER && route !== NONE && routes.size >= ROUTES) return routeOf({ method: '', route: OTHER });
    const made: OneRoute = {
      attributes: {
        ...(name === undefined || name.method === '' ? {} : { [ATTRIBUTES.httpRequestMethod]: name.method }),
        [ATTRIBUTES.httpRoute]: route,
      },
      totalS: 0,
      spentS: new Map(),
      series: new Map(),
    };
    routes.set(key, made);
    return made;
  }

  function seriesOf(route: OneRoute, code: CodeName): BoundSum {
    const key = keyOf(code);
    const known = route.series.get(key);
    if (known !== undefined) return known;
    const isDear = (route.spentS.get(key) ?? 0) >= route.totalS * SHARE && route.series.size < FUNCTIONS;
    if (code !== OTHER_CODE && !isDear) return seriesOf(route, OTHER_CODE);
    const made = recorder.sum(METRICS.routeCpuTime, {
      [ATTRIBUTES.threadName]: 'main',
      ...route.attributes,
      [ATTRIBUTES.codeFunctionName]: code.name,
      [ATTRIBUTES.codeFilePath]: code.file,
    });
    route.series.set(key, made);
    first.set(made, 0);
    return made;
  }

  return {
    add(name, times) {
      const route = routeOf(name);
      for (const { code, seconds } of times.values()) {
        const key = keyOf(code);
        route.totalS += seconds;
        if (route.spentS.has(key) || route.spentS.size < KNOWN) {
          route.spentS.set(key, (route.spentS.get(key) ?? 0) + seconds);
        }
      }
      for (const { code, seconds } of times.values()) {
        if (seconds <= 0) continue;
        const one = seriesOf(route, code);
        const waiting = first.get(one);
        if (waiting === undefined) one.add(seconds);
        else first.set(one, waiting + seconds);
      }
    },
    addFirst() {
      for (const [one, seconds] of first) one.add(seconds);
      first.clear();
    },
    release() {
      for (const { series } of routes.values()) for (const one of series.values()) one.release();
      routes.clear();
      first.clear();
    },
  };
}
