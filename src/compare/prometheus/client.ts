// Range queries of a Prometheus: in pieces that it can answer, a few at a time, all within one time limit.
import { type ExchangeLimits, shownUrl } from '../../http/exchange.js';
import type { Transport } from '../../http/way.js';
import { printable } from '../../status/wording.js';
import { UnreadableData } from '../unreadable.js';
import { exchange } from './exchange.js';
import { type Matrix, readMatrix, type Series, TooManySeries, TooMuchAtOnce } from './matrix.js';

/** Where and how to ask. */
export interface PrometheusOptions {
  /** The API's base, from `prometheusUrl`. */
  readonly url: URL;
  /** For all queries together, milliseconds. */
  readonly timeoutMs: number;
  /** For one query, milliseconds. @default 30000 */
  readonly queryTimeoutMs?: number | undefined;
  /** For one answer, bytes. @default 64 MiB */
  readonly maximumBytes?: number | undefined;
  /** The Authorization header, where the URL has no name and password. @default none */
  readonly authorization?: string | undefined;
  /** Further headers, a client's certificate, a proxy. @default none */
  readonly transport?: Transport | undefined;
}

/** When to evaluate: at `startS`, and every `stepS` until `endS`; Unix times in seconds. */
export interface Range {
  readonly startS: number;
  readonly endS: number;
  readonly stepS: number;
}

/** A Prometheus, or what speaks its API. */
export interface PrometheusClient {
  /** Its address, safe to print. */
  readonly shown: string;
  /** What it warned of so far, safe to print. */
  readonly warnings: ReadonlySet<string>;
  /** Evaluates `query`; about `expected` series keep the pieces small. Rejects with UnreadableData. */
  range(query: string, range: Range, expected?: number): Promise<readonly Series[]>;
}

/** Points of a series that Prometheus gives at most. */
const POINTS_LIMIT = 11_000;
/** Values in one answer: some megabytes of JSON. */
const VALUES_AT_ONCE = 100_000;
const QUERIES_AT_ONCE = 3;
/** How often a range is halved because instances came and went: who sends ever so many series is not asked for ever. */
const HALVINGS = 3;
const WARNINGS_LIMIT = 5;

/** Creates a client; its time limit begins now. */
export function createPrometheusClient(options: PrometheusOptions): PrometheusClient {
  const { url, timeoutMs, queryTimeoutMs = 30_000, maximumBytes = 64 * 1024 ** 2, authorization, transport } = options;
  const failed = new AbortController();
  const limits: ExchangeLimits = {
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), failed.signal]),
    totalMs: timeoutMs,
    requestMs: Math.min(queryTimeoutMs, timeoutMs),
    maximumBytes,
    authorization,
    transport,
  };
  const shown = shownUrl(new URL('.', url)).replace(/\/api\/v1\/$/, '');
  const warnings = new Set<string>();
  const place = new URL('query_range', url);
  place.search = url.search;
  let method: 'GET' | 'POST' = 'POST';
  // What is under way when a query fails would keep the process from ending.
  const turns = createTurns(QUERIES_AT_ONCE, () => failed.abort());

  async function askOnce(query: string, { startS, endS, stepS }: Range): Promise<Matrix> {
    const form = new URLSearchParams({
      query,
      start: startS.toFixed(3),
      end: endS.toFixed(3),
      step: stepS.toFixed(3),
      timeout: `${Math.ceil(limits.requestMs / 1000)}s`,
    });
    const first = method;
    let answer = await exchange(place, first, form, limits);
    if (answer.status === 405 && first === 'POST') {
      // Proxies that only let through what reads.
      method = 'GET';
      answer = await exchange(place, method, form, limits);
    }
    return readMatrix(answer, shown);
  }

  async function ask(query: string, range: Range, halvings = HALVINGS): Promise<readonly Matrix[]> {
    try {
      return [await turns.run(() => askOnce(query, range))];
    } catch (error) {
      if (!(error instanceof TooMuchAtOnce)) throw error;
      const left = error instanceof TooManySeries ? halvings - 1 : halvings;
      const [first, second] = split(range, Math.ceil(pointsOf(range) / 2));
      if (second === undefined || left < 0) throw turns.fail(error);
      // One after the other: the server has too much to do already.
      return [...(await ask(query, first, left)), ...(await ask(query, second, left))];
    }
  }

  return {
    shown,
    warnings,
    async range(query, range, expected = 1) {
      const points = Math.max(1, Math.min(POINTS_LIMIT, Math.floor(VALUES_AT_ONCE / Math.max(1, expected))));
      const pieces = await Promise.all(piecesOf(range, points).map((piece) => ask(query, piece)));
      const matrices = pieces.flat();
      for (const warning of matrices.flatMap((matrix) => matrix.warnings)) {
        if (warnings.size < WARNINGS_LIMIT) warnings.add(printable(warning, 300));
      }
      return joined(matrices);
    },
  };
}

function pointsOf({ startS, endS, stepS }: Range): number {
  return Math.floor((endS - startS) / stepS + 1e-9) + 1;
}

function split(range: Range, points: number): [Range] | [Range, Range] {
  if (points >= pointsOf(range)) return [range];
  const { startS, stepS } = range;
  return [
    { ...range, endS: startS + (points - 1) * stepS },
    { ...range, startS: startS + points * stepS },
  ];
}

function piecesOf(range: Range, points: number): Range[] {
  const pieces: Range[] = [];
  for (let rest: Range | undefined = range; rest !== undefined; ) {
    const [piece, next]: [Range] | [Range, Range] = split(rest, points);
    pieces.push(piece);
    rest = next;
  }
  return pieces;
}

function joined(matrices: readonly Matrix[]): readonly Series[] {
  const [only] = matrices;
  if (matrices.length === 1 && only !== undefined) return only.series;
  const byLabels = new Map<string, { labels: Series['labels']; values: Map<number, number> }>();
  for (const { labels, values } of matrices.flatMap((matrix) => matrix.series)) {
    const key = JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = byLabels.get(key);
    if (known === undefined) byLabels.set(key, { labels, values: new Map(values) });
    else for (const [time, value] of values) known.values.set(time, value);
  }
  return [...byLabels.values()];
}

interface Turns {
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Ends all that run or wait; returns the first failure. */
  fail(error: UnreadableData): UnreadableData;
}

/** Lets `limit` tasks run at a time; after a failure, other than that it was too much at once, those that wait fail with it. */
function createTurns(limit: number, onFailure: () => void): Turns {
  let free = limit;
  let failure: UnreadableData | undefined;
  const waiting: (() => void)[] = [];
  const fail = (error: UnreadableData): UnreadableData => {
    if (failure !== undefined) return failure;
    failure = error;
    onFailure();
    return error;
  };
  return {
    fail,
    async run(task) {
      if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      else free--;
      try {
        if (failure !== undefined) throw failure;
        return await task();
      } catch (error) {
        if (error instanceof TooMuchAtOnce && failure === undefined) throw error;
        throw error instanceof UnreadableData ? fail(error) : error;
      } finally {
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
      }
    },
  };
}
