// Reads the Prometheus text format 0.0.4, and OpenMetrics 1.0 as far as the two differ little; in linear time.

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
}

export interface ParsedFamily {
  type: ParsedType;
  help: string;
  readonly samples: ParsedSample[];
}

/** What an exposition says; timestamps and exemplars are left out. */
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

function readSample(line: string, number: number): ParsedSample {
  const fail = (expected: string) =>
    new Error(`line ${number} is not in the Prometheus text format: expected ${expected}`);
  const reader = new LineReader(line);
  let name = reader.take(NAME);
  const labels: [string, string][] = [];
  if (reader.skip('{')) {
    while (!reader.skip('}')) {
      const quoted = reader.takeQuoted();
      const label = quoted ?? reader.take(NAME);
      if (label === undefined) throw fail('the name of a label');
      if (reader.skip('=')) {
        const value = reader.takeQuoted();
        if (value === undefined) throw fail('the value of a label in double quotes');
        labels.push([label, value]);
      } else if (quoted !== undefined && name === undefined) {
        // Prometheus 3 writes names beyond [a-zA-Z0-9_:] in quotes inside the braces.
        name = quoted;
      } else {
        throw fail('"=" after the name of a label');
      }
      if (reader.skip(',')) continue;
      if (reader.skip('}')) break;
      throw fail('"," or "}" after a label');
    }
  }
  if (name === undefined) throw fail('the name of a metric');
  const value = toNumber(reader.take(WORD));
  if (value === undefined) throw fail('a number as the value');
  const timestamp = reader.take(WORD);
  if (timestamp !== undefined && timestamp !== '#' && toNumber(timestamp) === undefined) throw fail('a timestamp');
  const rest = timestamp === '#' ? '' : reader.takeRest().trim();
  // An exemplar of OpenMetrics may follow.
  if (rest !== '' && !rest.startsWith('#')) throw fail('the end of the line');
  // From entries, because a label may be called __proto__.
  return { name, labels: Object.fromEntries(labels), value };
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const WORD = /[^ \t\r]+/y;
const BLANK = /[ \t]*/y;
// No two parts can match the same digits: that would be quadratic.
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;

/** Reads one line from left to right; every character is looked at a bounded number of times. */
class LineReader {
  readonly #line: string;
  #position = 0;
  constructor(line: string) {
    this.#line = line;
  }
  /** Takes what `pattern` (sticky) matches after blanks. */
  take(pattern: RegExp): string | undefined {
    this.skipBlanks();
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#line)?.[0];
    this.#position += match?.length ?? 0;
    return match;
  }
  /** Skips `character` after blanks; false when it is not there. */
  skip(character: string): boolean {
    this.skipBlanks();
    if (this.#line[this.#position] !== character) return false;
    this.#position++;
    return true;
  }
  /** Takes a string in double quotes, without them and its escapes. */
  takeQuoted(): string | undefined {
    if (!this.skip('"')) return undefined;
    const start = this.#position;
    for (let end = start; end < this.#line.length; end++) {
      const character = this.#line[end];
      if (character === '\\') end++;
      else if (character === '"') {
        this.#position = end + 1;
        return unescaped(this.#line.slice(start, end));
      }
    }
    this.#position = this.#line.length;
    return undefined;
  }
  /** Takes what is left after blanks. */
  takeRest(): string {
    this.skipBlanks();
    const rest = this.#line.slice(this.#position);
    this.#position = this.#line.length;
    return rest;
  }
  /** Skips blanks; false when there is none. */
  skipBlanks(): boolean {
    BLANK.lastIndex = this.#position;
    const length = BLANK.exec(this.#line)?.[0].length ?? 0;
    this.#position += length;
    return length > 0;
  }
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([\\n"])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function toNumber(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  if (NUMBER.test(word)) return Number(word);
  if (/^[+-]?nan$/i.test(word)) return Number.NaN;
  const infinite = INFINITY.exec(word);
  return infinite === null ? undefined : infinite[1] === '-' ? -Infinity : Infinity;
}
