// What Prometheus answered to a range query; whatever else it is becomes one sentence.
import type { Answer } from '../../http/exchange.js';
import { isRecord, jsonOf, kindOf } from '../../http/json-answer.js';
import { printable } from '../../status/wording.js';
import { UnreadableData } from '../unreadable.js';

/** A series of an answer. */
export interface Series {
  readonly labels: ReadonlyMap<string, string>;
  /** By Unix time in milliseconds; values that are no finite number are left out. */
  readonly values: ReadonlyMap<number, number>;
}

/** Series, and what the server had to say about them. */
export interface Matrix {
  readonly series: readonly Series[];
  readonly warnings: readonly string[];
}

/** What a shorter range can answer. */
export class TooMuchAtOnce extends UnreadableData {}

/** More series than are read: of a shorter range there may be fewer, where instances come and go. */
export class TooManySeries extends TooMuchAtOnce {}

const SERIES_LIMIT = 20_000;
const TEXT_LIMIT = 300;
/** Words with which Prometheus, Thanos and Mimir refuse a range that is too long. */
const TOO_MUCH =
  /too many samples|maximum resolution|query timed out|exceeded the maximum number of (?:chunks|samples)|expanded matching|exceeds.*limit.*length|max-query-length/i;

/** Reads an answer of the server that is `shown`. Throws UnreadableData, TooMuchAtOnce where a shorter range may work. */
export function readMatrix(given: Answer, shown: string): Matrix {
  const { status } = given;
  if (status === 401 && /\bno org id\b/i.test(given.text)) {
    throw new UnreadableData(`${shown} asks for a tenant: set LOOPSIGHT_PROMETHEUS_HEADERS=X-Scope-OrgID=<tenant>.`);
  }
  if (status === 401) {
    throw new UnreadableData(
      `${shown} asks for credentials: set LOOPSIGHT_PROMETHEUS_TOKEN_FILE, or LOOPSIGHT_PROMETHEUS_USERNAME and LOOPSIGHT_PROMETHEUS_PASSWORD_FILE.`,
    );
  }
  const answer = jsonOf(given);
  if (isRecord(answer) && answer.status === 'error') {
    const said = printable(String(answer.error ?? answer.errorType ?? 'no reason given'), TEXT_LIMIT);
    const sentence = `${shown} could not answer a query (status ${status}): ${said.replace(/\.$/, '')}.`;
    throw TOO_MUCH.test(said) || answer.errorType === 'timeout'
      ? new TooMuchAtOnce(sentence)
      : new UnreadableData(sentence);
  }
  if (status === 404) {
    throw new UnreadableData(`${shown} was not found (status 404); a path prefix belongs into --prometheus.`);
  }
  if (status !== 200) throw new UnreadableData(`${shown} answered with status ${status}.`);
  if (answer === undefined) throw new UnreadableData(`${shown} answered with ${kindOf(given, "Prometheus'")}.`);
  const result = isRecord(answer) && isRecord(answer.data) ? answer.data.result : undefined;
  if (!isRecord(answer) || answer.status !== 'success' || !isRecord(answer.data) || !Array.isArray(result)) {
    throw new UnreadableData(`${shown} answered with JSON that is no result of a query.`);
  }
  if (answer.data.resultType !== 'matrix') {
    throw new UnreadableData(`${shown} answered a range query with ${printable(String(answer.data.resultType))}.`);
  }
  if (result.length > SERIES_LIMIT) {
    throw new TooManySeries(
      `${shown} answered with ${result.length} series, more than ${SERIES_LIMIT}; narrow what is compared with --match.`,
    );
  }
  const warnings = [answer.warnings, answer.infos].flatMap((list) => (Array.isArray(list) ? list.map(String) : []));
  return { series: result.map((entry) => readSeries(entry, shown)), warnings };
}

function readSeries(entry: unknown, shown: string): Series {
  const labels = isRecord(entry) && isRecord(entry.metric) ? Object.entries(entry.metric) : undefined;
  const points = isRecord(entry) ? entry.values : undefined;
  if (labels?.every(([, value]) => typeof value === 'string') !== true || !Array.isArray(points)) {
    throw new UnreadableData(`${shown} answered with a series that has no labels or no values.`);
  }
  const values = new Map<number, number>();
  for (const point of points as readonly unknown[]) {
    const [time, value] = Array.isArray(point) ? point : [];
    if (typeof time !== 'number' || typeof value !== 'string') {
      throw new UnreadableData(`${shown} answered with a point that is no pair of time and value.`);
    }
    const number = value === '' ? Number.NaN : Number(value);
    if (Number.isFinite(number)) values.set(Math.round(time * 1000), number);
  }
  return { labels: new Map(labels as [string, string][]), values };
}
