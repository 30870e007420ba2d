// A line of the Prometheus text formats, from left to right; every character is looked at a bounded number of times.

/** The name of a metric or label. */
export const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
/** All up to the next blank. */
export const WORD = /[^ \t\r]+/y;
const BLANK = /[ \t]*/y;

/** Reads one line. */
export class LineReader {
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
  /** Whether nothing but blanks is left. */
  isAtEnd(): boolean {
    this.skipBlanks();
    return this.#position >= this.#line.length || this.#line.slice(this.#position) === '\r';
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

/** The text that an escaped one stands for. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([\\n"])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}
