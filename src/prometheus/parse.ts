// Reads the Prometheus text format 0.0.4, and OpenMetrics 1.0 as far as the two differ little; in linear time.
import { LineReader, NAME, unescaped, WORD } from './line-reader.js';

/** The type of a parsed family; `untyped` where none is told. */
export type ParsedType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'summary'
  | 'untyped'
  | 'info'
  | 'stateset'
  | 'gaugehistogram';

/** One line of values; of a histogram, its `name` ends in `_bucket`, `_sum` or `_count`. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** What OpenMetrics writes behind it. */
  readonly exemplar?: ParsedExemplar;
}

/** A measurement that is a part of a sample, and where it was made. */
export interface ParsedExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since the Unix epoch. */
  readonly unixS?: number;
}

export interface ParsedFamily {
  type: ParsedType;
  help: string;
  readonly samples: ParsedSample[];
}

/** What an exposition says; timestamps of samples are left out. */
export interface ParsedMetrics {
  readonly families: Map<string, ParsedFamily>;
}

const TYPES: ReadonlyMap<string, ParsedType> = new Map(
  (['counter', 'gauge', 'histogram', 'summary', 'untyped', 'info', 'stateset', 'gaugehistogram'] as const).map(
    (type) => [type, type],
  ),
);

/** Endings of sample names that belong to the family without the ending, by the family's type. */
const SUFFIXES: Readonly<Partial<Record<ParsedType, readonly string[]>>> = {
  counter: ['_total', '_created'],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  summary: ['_sum', '_count', '_created'],
  info: ['_info'],
};

/**
 * Parses an exposition. Throws an Error that names the line when a line is none of the format.
 *
 * @example
 * ```ts
 * parseText('up 1\n').families.get('up')?.samples[0]?.value; // 1
 * ```
 */
export function parseText(text: string): ParsedMetrics {
  const families = new Map<string, ParsedFamily>();
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const comment = /^[ \t]*#/.test(line);
    if (comment && /^# EOF\r?$/.test(line)) break;
    if (comment) readComment(line, families);
    else if (line.trim() !== '') {
      const sample = readSample(line, number);
      familyOf(sample.name, families).samples.push(sample);
    }
  }
  return { families };
}

function readComment(line: string, families: Map<string, ParsedFamily>): void {
  const reader = new LineReader(line);
  reader.skip('#');
  if (!reader.skipBlanks()) return;
  const keyword = reader.take(WORD);
  if (keyword !== 'HELP' && keyword !== 'TYPE') return;
  const name = reader.takeQuoted() ?? reader.take(WORD);
  if (name === undefined) return;
  const family = ensureFamily(name, families);
  const text = reader.takeRest();
  if (keyword === 'TYPE') family.type = TYPES.get(text.trim()) ?? 'untyped';
  else family.help = unescaped(text);
}

function ensureFamily(name: string, families: Map<string, ParsedFamily>): ParsedFamily {
  let family = families.get(name);
  if (family === undefined) {
    family = { type: 'untyped', help: '', samples: [] };
    families.set(name, family);
  }
  return family;
}

function familyOf(sampleName: string, families: Map<string, ParsedFamily>): ParsedFamily {
  const exact = families.get(sampleName);
  if (exact !== undefined) return exact;
  const end = sampleName.lastIndexOf('_');
  const family = end === -1 ? undefined : families.get(sampleName.slice(0, end));
  const belongs = family !== undefined && SUFFIXES[family.type]?.includes(sampleName.slice(end)) === true;
  return belongs ? family : ensureFamily(sampleName, families);
}

type Fail = (expected: string) => Error;

function readSample(line: string, number: number): ParsedSample {
  const fail: Fail = (expected) =>
    new Error(`line ${number} is not in the Prometheus text format: expected ${expected}`);
  const reader = new LineReader(line);
  const plainName = reader.take(NAME);
  const braces = readBraces(reader, plainName === undefined, fail);
  const name = plainName ?? braces?.name;
  if (name === undefined) throw fail('the name of a metric');
  const sample = { name, labels: braces?.labels ?? {}, value: readNumber(reader, 'a number as the value', fail) };
  let hasExemplar = reader.skip('#');
  if (!hasExemplar && !reader.isAtEnd()) {
    readNumber(reader, 'a timestamp', fail);
    hasExemplar = reader.skip('#');
  }
  const exemplar = hasExemplar ? readExemplar(reader, fail) : undefined;
  if (!reader.isAtEnd()) throw fail('the end of the line');
  return exemplar === undefined ? sample : { ...sample, exemplar };
}

function readExemplar(reader: LineReader, fail: Fail): ParsedExemplar {
  const braces = readBraces(reader, false, fail);
  if (braces === undefined) throw fail('the labels of an exemplar');
  const exemplar = { labels: braces.labels, value: readNumber(reader, 'the value of an exemplar', fail) };
  return reader.isAtEnd() ? exemplar : { ...exemplar, unixS: readNumber(reader, 'the time of an exemplar', fail) };
}

/** What stands in braces; undefined where there are none. Prometheus 3 writes names beyond [a-zA-Z0-9_:] there, in quotes. */
function readBraces(
  reader: LineReader,
  mayName: boolean,
  fail: Fail,
): { readonly labels: ParsedSample['labels']; readonly name: string | undefined } | undefined {
  if (!reader.skip('{')) return undefined;
  const labels: [string, string][] = [];
  let name: string | undefined;
  while (!reader.skip('}')) {
    const quoted = reader.takeQuoted();
    const label = quoted ?? reader.take(NAME);
    if (label === undefined) throw fail('the name of a label');
    if (reader.skip('=')) {
      const value = reader.takeQuoted();
      if (value === undefined) throw fail('the value of a label in double quotes');
      labels.push([label, value]);
    } else if (quoted !== undefined && mayName && name === undefined) {
      name = quoted;
    } else {
      throw fail('"=" after the name of a label');
    }
    if (reader.skip(',')) continue;
    if (reader.skip('}')) break;
    throw fail('"," or "}" after a label');
  }
  // From entries, because a label may be called __proto__.
  return { labels: Object.fromEntries(labels), name };
}

function readNumber(reader: LineReader, what: string, fail: Fail): number {
  const value = toNumber(reader.take(WORD));
  if (value === undefined) throw fail(what);
  return value;
}

// No two parts can match the same digits: that would be quadratic.
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;

function toNumber(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  if (NUMBER.test(word)) return Number(word);
  if (/^[+-]?nan$/i.test(word)) return Number.NaN;
  const infinite = INFINITY.exec(word);
  return infinite === null ? undefined : infinite[1] === '-' ? -Infinity : Infinity;
}
