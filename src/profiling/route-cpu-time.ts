// loopsight.route.cpu.time: for which route the main thread's CPU time is spent, and in which function, from windows in which
// requests were followed.
import type { Monitor } from '../instrumentation.js';
import type { Recorder } from '../recorder/recorder.js';
import type { RouteName, RouteNews, RouteWindow } from '../route-windows.js';
import { type AttributionOptions, createAttribution } from './attribute.js';
import { createRouteSeries, OTHER_CODE } from './route-series.js';
import { addTime, type CodeTimes, type OwnerShare, type RouteShares, readShares } from './route-shares.js';
import type { ProfileWindows } from './windows.js';

/**
 * The CPU time since the last window is told of in the shares of this one; but no more than so many times what it saw, scaled to
 * the time that it stands for: the rest is for the next, which may show what this one missed.
 */
const AT_MOST = 2;
/** What waits for the profile of its time, which ends within ten seconds. */
const WAITING = 16;
/** Routes whose functions are not known yet, and functions that are remembered from window to window. */
const HELD = 500;

export interface RouteCpuTimeOptions extends AttributionOptions {
  readonly recorder: Pick<Recorder, 'sum'>;
  readonly windows: Pick<ProfileWindows, 'within'>;
  /** CPU time of the main thread so far, in seconds; NaN where the system does not tell. */
  readonly threadCpuS: () => number;
}

/** What takes the windows. */
export interface RouteCpuTime extends Monitor {
  /** Takes what was followed; it is counted once the profile has come as far. */
  take(news: RouteNews): void;
  /** The profile is known up to a moment, in monotonic milliseconds. */
  profiled(toMs: number): void;
}

interface Waiting {
  readonly news: RouteNews;
  /** CPU time of the thread when it came. */
  readonly cpuS: number;
}

/** Time of one route; undefined is that of no request. */
interface RouteTimes {
  readonly name: RouteName | undefined;
  readonly times: CodeTimes;
}

/** Creates the counters; there are none before the first request. */
export function createRouteCpuTime(options: RouteCpuTimeOptions): RouteCpuTime {
  const { recorder, windows, threadCpuS } = options;
  const attributionOf = createAttribution(options);
  const series = createRouteSeries(recorder);
  /** Time of routes of which no sample was taken yet, by method and route, in seconds. */
  const held = new Map<string, number>();
  let waiting: Waiting[] = [];
  let cpuBeforeS = threadCpuS();
  /** CPU time that was not told of yet. */
  let owedS = 0;
  /** What ran after windows, and was not taken off yet from what ran for no request. */
  const ahead: CodeTimes = new Map();

  function timesOf({ seconds, samples, codes }: OwnerShare): CodeTimes {
    const times: CodeTimes = new Map();
    if (samples === 0) addTime(times, OTHER_CODE, seconds);
    for (const { code, samples: own } of codes.values()) addTime(times, code, (seconds * own) / samples);
    return times;
  }

  function routeTimes(name: RouteName, share: OwnerShare): CodeTimes {
    const key = `${name.method} ${name.route ?? ''}`;
    const seconds = share.seconds + (held.get(key) ?? 0);
    const isHeld = share.samples === 0 && (held.has(key) || held.size < HELD);
    if (isHeld) held.set(key, seconds);
    else held.delete(key);
    return isHeld ? new Map() : timesOf({ ...share, seconds });
  }

  function noneTimes({ nobody, outside, after }: RouteShares): CodeTimes {
    const times = timesOf(nobody);
    for (const { code, seconds } of outside.values()) addTime(times, code, seconds);
    if (ahead.size > HELD) ahead.clear();
    for (const { code, seconds } of timesOf(after).values()) addTime(ahead, code, seconds);
    for (const [key, early] of ahead) {
      const seen = times.get(key);
      if (seen === undefined) continue;
      const taken = Math.min(seen.seconds, early.seconds);
      seen.seconds -= taken;
      early.seconds -= taken;
    }
    return times;
  }

  function count(window: RouteWindow): void {
    const { sinceMs, fromMs, toMs, endMs } = window;
    const profiles = windows.within(fromMs, endMs);
    if (profiles.length === 0 || toMs <= fromMs) return;
    const shares = readShares(window, profiles, attributionOf);
    const all: RouteTimes[] = window.routes.map((name, place) => ({
      name,
      times: routeTimes(name, shares.byRoute[place] ?? { seconds: 0, samples: 0, codes: new Map() }),
    }));
    all.push({ name: undefined, times: noneTimes(shares) });
    let seenS = 0;
    for (const { times } of all) seenS += sumOf(times);
    if (seenS <= 0) return;
    const estimateS = seenS * Math.max(1, (toMs - sinceMs) / (toMs - fromMs));
    const toldS = Number.isNaN(owedS) ? estimateS : Math.min(Math.max(owedS, 0), estimateS * AT_MOST);
    owedS -= toldS;
    for (const { name, times } of all) series.add(name, scaled(times, toldS / seenS));
  }

  function read({ news, cpuS }: Waiting): void {
    owedS += cpuS - cpuBeforeS;
    cpuBeforeS = cpuS;
    if ('window' in news) count(news.window);
    else if (owedS > 0) {
      series.add(undefined, new Map([['', { code: OTHER_CODE, seconds: owedS }]]));
      owedS = 0;
    }
  }

  return {
    take(news) {
      waiting.push({ news, cpuS: threadCpuS() });
      if (waiting.length > WAITING) waiting.shift();
    },
    profiled(toMs) {
      series.addFirst();
      const ready = waiting.findIndex(({ news }) => 'window' in news && news.window.endMs > toMs);
      const now = ready === -1 ? waiting : waiting.slice(0, ready);
      waiting = ready === -1 ? [] : waiting.slice(ready);
      for (const one of now) read(one);
    },
    stop: () => series.release(),
  };
}

function sumOf(times: CodeTimes): number {
  let sum = 0;
  for (const { seconds } of times.values()) sum += seconds;
  return sum;
}

function scaled(times: CodeTimes, factor: number): CodeTimes {
  return new Map([...times].map(([key, { code, seconds }]) => [key, { code, seconds: seconds * factor }]));
}
