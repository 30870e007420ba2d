// One source map, decoded into numbers: where a place of generated code comes from. Maps of whole services have millions of
// entries, and objects for each would be more memory than the observer may use.

/** A source map as JSON has it (ECMA-426): a plain one, or an index of sections. */
export interface SourceMapJson {
  readonly mappings?: unknown;
  readonly sources?: unknown;
  readonly sourceRoot?: unknown;
  readonly names?: unknown;
  readonly sections?: unknown;
}

/** Where generated code comes from; line and column count from 1. */
export interface SourcePlace {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  /** What stands there in the source, where the map tells and the place is the exact begin of a mapped piece. */
  readonly name: string | undefined;
}

export interface DecodedMap {
  readonly byteLength: number;
  /** The source of a place in the generated code, counted from 1; undefined where the map says nothing. */
  find(line: number, column: number): SourcePlace | undefined;
}

/** Decodes a map. Throws a TypeError when it is none. */
export function decodeSourceMap(json: SourceMapJson): DecodedMap {
  const entries = new Entries();
  add(entries, json, 0, 0);
  return entries.finish();
}

const FIELDS = 6;
const [LINE, COLUMN, SOURCE, SOURCE_LINE, SOURCE_COLUMN, NAME] = [0, 1, 2, 3, 4, 5] as const;
const NONE = -1;

class Entries {
  #numbers = new Int32Array(1024 * FIELDS);
  #length = 0;
  readonly sources: (string | undefined)[] = [];
  readonly names: string[] = [];

  push(
    ...entry: [line: number, column: number, source: number, sourceLine: number, sourceColumn: number, name: number]
  ) {
    if (this.#length === this.#numbers.length) {
      const more = new Int32Array(this.#numbers.length * 2);
      more.set(this.#numbers);
      this.#numbers = more;
    }
    for (let field = 0; field < FIELDS; field++) this.#numbers[this.#length++] = entry[field] ?? NONE;
  }

  finish(): DecodedMap {
    const numbers = this.#numbers.slice(0, this.#length);
    const { sources, names } = this;
    const at = (entry: number, field: number) => numbers[entry * FIELDS + field] ?? NONE;
    return {
      byteLength: numbers.byteLength,
      find(line, column) {
        let [low, high] = [0, numbers.length / FIELDS];
        while (low < high) {
          const middle = (low + high) >>> 1;
          const isAfter = at(middle, LINE) - (line - 1) || at(middle, COLUMN) - (column - 1);
          if (isAfter > 0) high = middle;
          else low = middle + 1;
        }
        const entry = low - 1;
        // What precedes the first entry of a line is of nobody, not of the line before.
        if (entry < 0 || at(entry, LINE) !== line - 1) return undefined;
        const source = sources[at(entry, SOURCE)];
        if (source === undefined) return undefined;
        const name = at(entry, COLUMN) === column - 1 ? names[at(entry, NAME)] : undefined;
        return { source, line: at(entry, SOURCE_LINE) + 1, column: at(entry, SOURCE_COLUMN) + 1, name };
      },
    };
  }
}

function add(entries: Entries, json: SourceMapJson, line: number, column: number): void {
  if (Array.isArray(json.sections)) {
    for (const { offset, map } of json.sections as { offset: { line: number; column: number }; map: SourceMapJson }[]) {
      add(entries, map, line + offset.line, offset.line === 0 ? column + offset.column : offset.column);
    }
    return;
  }
  if (typeof json.mappings !== 'string' || !Array.isArray(json.sources)) throw new TypeError('not a source map');
  const firstSource = entries.sources.length;
  const firstName = entries.names.length;
  const root =
    typeof json.sourceRoot === 'string' && json.sourceRoot !== '' ? json.sourceRoot.replace(/\/?$/, '/') : '';
  for (const source of json.sources) entries.sources.push(typeof source === 'string' ? root + source : undefined);
  for (const name of Array.isArray(json.names) ? json.names : []) entries.names.push(String(name));
  decode(
    json.mappings,
    ([generated = 0, source = 0, sourceLine = 0, sourceColumn = 0, name = 0], fields, lineOfMap) => {
      entries.push(
        line + lineOfMap,
        generated + (lineOfMap === 0 ? column : 0),
        fields > 1 ? firstSource + source : NONE,
        sourceLine,
        sourceColumn,
        fields > 4 ? firstName + name : NONE,
      );
    },
  );
}

const DIGITS = new Int8Array(128).fill(NONE);
for (const [digit, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  DIGITS[character.charCodeAt(0)] = digit;
}

// Numbers in base 64, five bits at a time with the sign last, each the difference to the one before it.
function decode(mappings: string, onSegment: (state: readonly number[], fields: number, line: number) => void): void {
  const state = [0, 0, 0, 0, 0];
  let line = 0;
  let field = 0;
  let [value, shift] = [0, 0];
  const end = () => {
    if (field > 0) onSegment(state, field, line);
    field = 0;
  };
  for (let index = 0; index < mappings.length; index++) {
    const code = mappings.charCodeAt(index);
    if (code === 44) end();
    else if (code === 59) {
      end();
      line++;
      state[0] = 0;
    } else {
      const digit = DIGITS[code] ?? NONE;
      if (digit === NONE || field >= state.length || shift > 30) throw new TypeError('not a source map');
      value += (digit & 31) << shift;
      shift += 5;
      if ((digit & 32) === 0) {
        state[field] = (state[field] ?? 0) + (value & 1 ? -(value >>> 1) : value >>> 1);
        field++;
        value = 0;
        shift = 0;
      }
    }
  }
  end();
}
