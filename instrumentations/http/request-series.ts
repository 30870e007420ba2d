// Series of HTTP requests, bound once per combination of attributes and found again without building a string.
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundHistogram, BoundSum, Recorder, SeriesAttributes } from '../../src/recorder/recorder.js';
import { OTHER_METHOD } from './methods.js';

/** Requests without a route may make this many series of duration: a hostile client must not fill the store. */
export const UNROUTED_LIMIT = 12;

/** Requests with a route may make as many as any metric. */
const ROUTED_LIMIT = 2000;

/** What all requests of one method and scheme share. */
export interface MethodSeries {
  readonly method: string;
  readonly scheme: string;
  readonly active: BoundSum;
  /** Requests that began and did not end, so that `release` can take them off. */
  inFlight: number;
  readonly unrouted: Map<number, BoundHistogram>;
  readonly routed: Map<string, Map<number, BoundHistogram>>;
}

/** The series of one monitor. */
export interface RequestSeries {
  of(method: string | undefined, encrypted: boolean): MethodSeries;
  /** The histogram of a request that ended; `status` is 0 where none was sent. */
  duration(series: MethodSeries, route: string | undefined, status: number, aborted: boolean): BoundHistogram;
  release(): void;
}

/** Creates the series of requests whose method is one of `methods`; all others are `_OTHER`. */
export function createRequestSeries(recorder: Recorder, methods: ReadonlySet<string>): RequestSeries {
  const byMethod = { http: new Map<string, MethodSeries>(), https: new Map<string, MethodSeries>() };
  const durations: BoundHistogram[] = [];
  let unroutedCount = 0;
  let routedCount = 0;
  let overflow: BoundHistogram | undefined;

  function bindMethod(method: string, scheme: 'http' | 'https'): MethodSeries {
    const attributes = { [ATTRIBUTES.httpRequestMethod]: method, [ATTRIBUTES.urlScheme]: scheme };
    const active = recorder.sum(METRICS.httpServerActiveRequests, attributes);
    const series = { method, scheme, active, inFlight: 0, unrouted: new Map(), routed: new Map() };
    byMethod[scheme].set(method, series);
    return series;
  }

  function bindDuration(attributes: SeriesAttributes): BoundHistogram {
    const histogram = recorder.histogram(METRICS.httpServerRequestDuration, attributes);
    durations.push(histogram);
    return histogram;
  }

  function bindOverflow(): BoundHistogram {
    overflow ??= bindDuration({ 'otel.metric.overflow': true });
    return overflow;
  }

  return {
    of(method, encrypted) {
      const scheme = encrypted ? 'https' : 'http';
      const known = method !== undefined && methods.has(method) ? method : OTHER_METHOD;
      return byMethod[scheme].get(known) ?? bindMethod(known, scheme);
    },
    duration(series, route, status, aborted) {
      const key = aborted ? -status : status;
      const known = (route === undefined ? series.unrouted : series.routed.get(route))?.get(key);
      if (known !== undefined) return known;
      if (route === undefined ? unroutedCount >= UNROUTED_LIMIT : routedCount >= ROUTED_LIMIT) return bindOverflow();
      const histogram = bindDuration(durationAttributes(series, route, status, aborted));
      if (route === undefined) {
        unroutedCount++;
        series.unrouted.set(key, histogram);
      } else {
        routedCount++;
        const ofRoute = series.routed.get(route) ?? new Map<number, BoundHistogram>();
        series.routed.set(route, ofRoute.set(key, histogram));
      }
      return histogram;
    },
    release() {
      for (const series of [...byMethod.http.values(), ...byMethod.https.values()]) {
        // In a Meter the series outlives us, and must not count these requests for ever.
        series.active.add(-series.inFlight);
        series.active.release();
      }
      for (const histogram of durations) histogram.release();
    },
  };
}

function durationAttributes(
  { method, scheme }: MethodSeries,
  route: string | undefined,
  status: number,
  aborted: boolean,
): SeriesAttributes {
  const errorType = aborted ? 'aborted' : status >= 500 ? String(status) : undefined;
  return {
    [ATTRIBUTES.httpRequestMethod]: method,
    [ATTRIBUTES.urlScheme]: scheme,
    ...(status > 0 ? { [ATTRIBUTES.httpResponseStatusCode]: status } : {}),
    ...(route === undefined ? {} : { [ATTRIBUTES.httpRoute]: route }),
    ...(errorType === undefined ? {} : { [ATTRIBUTES.errorType]: errorType }),
  };
}
