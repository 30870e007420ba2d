// How often lines ran, from V8's precise coverage: exact where it counted, nothing where it did not.
import { pathOf } from '../stalls/blame/code-names.js';
import type { Frame } from '../stalls/blame/frames.js';
import { LINE_END, type ProfileSources } from './sources.js';

/** What the inspector tells of one script (Chrome DevTools Protocol, Profiler.ScriptCoverage). */
export interface V8ScriptCoverage {
  readonly url: string;
  readonly functions: readonly V8FunctionCoverage[];
}

export interface V8FunctionCoverage {
  readonly functionName: string;
  /**
   * Whether its blocks were counted, too: not in functions that were compiled before counting began. The calls of those are
   * not counted either once they are optimized, so that their number says nothing.
   */
  readonly isBlockCoverage: boolean;
  /** The whole function first; offsets in the text of the script. */
  readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
}

/** How often each line ran, by file and line as the source has them; lines that are not there were not counted. */
export type LineCounts = ReadonlyMap<string, ReadonlyMap<number, number>>;

export interface CountsOptions {
  readonly sources: ProfileSources;
  /** Whether counting began with the program, so that what was never compiled never ran. @default false */
  readonly fromStart?: boolean;
}

/**
 * Reads the counts of all scripts that have a file. Several copies of a file add up.
 *
 * @example
 * ```ts
 * const sources = { map: (frame) => frame, text: () => 'run();', lines: () => ['run();'] };
 * const ranges = [{ startOffset: 0, endOffset: 6, count: 3 }];
 * const script = { url: '/srv/a.js', functions: [{ functionName: '', isBlockCoverage: true, ranges }] };
 * countsFrom([script], { sources }).get('/srv/a.js').get(1); // 3
 * ```
 */
export function countsFrom(
  coverage: readonly V8ScriptCoverage[],
  { sources, fromStart = false }: CountsOptions,
): LineCounts {
  const files = new Map<string, Map<number, number>>();
  for (const { url, functions } of coverage) {
    const path = pathOf(url);
    const text = sources.text(path);
    if (text === undefined) continue;
    const copy = new Map<string, Map<number, number>>();
    for (const [line, column, count] of countLines(text, rangesOf(functions, fromStart))) {
      const source = sources.map(frameAt(path, line, column));
      const counts = copy.get(source.path) ?? new Map<number, number>();
      // Of a line that became several the one that ran most tells how often it ran.
      counts.set(source.line, Math.max(counts.get(source.line) ?? 0, count));
      copy.set(source.path, counts);
    }
    for (const [file, counts] of copy) {
      const sums = files.get(file) ?? new Map<number, number>();
      for (const [line, count] of counts) sums.set(line, (sums.get(line) ?? 0) + count);
      files.set(file, sums);
    }
  }
  return files;
}

const frameAt = (path: string, line: number, column: number): Frame => {
  return { function: '', path, line, column, origin: 'application', isAwaited: false };
};

interface CountedRange {
  readonly start: number;
  readonly end: number;
  readonly count: number;
  readonly isExact: boolean;
}

type CountedLine = readonly [line: number, column: number, count: number];

function countLines(text: string, ranges: readonly CountedRange[]): CountedLine[] {
  const counted: CountedLine[] = [];
  const within: CountedRange[] = [];
  let next = 0;
  let line = 0;
  let isComment = false;
  for (const { start, written } of linesOf(text)) {
    line++;
    const code = codeIn(written, isComment);
    isComment = code.opensComment;
    if (code.offset === undefined) continue;
    const offset = start + code.offset;
    for (let range = ranges[next]; range !== undefined && range.start <= offset; range = ranges[++next])
      within.push(range);
    // Ranges lie within each other: the last one that is open is the innermost.
    while (within.length > 0 && (within.at(-1)?.end ?? 0) <= offset) within.pop();
    const range = within.at(-1);
    if (range === undefined) continue;
    if (range.isExact) counted.push([line, code.offset + 1, range.count]);
  }
  return counted;
}

function rangesOf(functions: readonly V8FunctionCoverage[], fromStart: boolean): CountedRange[] {
  return functions
    .flatMap(({ ranges, isBlockCoverage }) =>
      ranges.map(({ startOffset: start, endOffset: end, count }) => {
        return { start, end, count, isExact: isBlockCoverage || (fromStart && count === 0) };
      }),
    )
    .sort((a, b) => a.start - b.start || b.end - a.end);
}

function* linesOf(text: string): Generator<{ readonly start: number; readonly written: string }> {
  const ends = new RegExp(LINE_END, 'g');
  let start = 0;
  for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
    yield { start, written: text.slice(start, end.index) };
    start = end.index + end[0].length;
  }
  yield { start, written: text.slice(start) };
}

/** What closes what others opened, as `}, 100);`. */
const CLOSING = /^[\])}][\])};,\s\w.]*$/;
/** What stands before a function that its range begins with. */
const BEFORE_FUNCTION = /^(?:export\s+)?(?:default\s+)?(?=(?:async\s+)?function\b)/;

// Where the code of a line begins; nowhere in one that is empty, a comment, or closes what others opened.
function codeIn(written: string, wasComment: boolean): { offset: number | undefined; opensComment: boolean } {
  let from = 0;
  if (wasComment) {
    const end = written.indexOf('*/');
    if (end === -1) return { offset: undefined, opensComment: true };
    from = end + 2;
  }
  for (;;) {
    from += written.slice(from).length - written.slice(from).trimStart().length;
    if (!written.startsWith('/*', from)) break;
    const end = written.indexOf('*/', from + 2);
    if (end === -1) return { offset: undefined, opensComment: true };
    from = end + 2;
  }
  const rest = written.slice(from);
  if (rest === '' || rest.startsWith('//') || CLOSING.test(rest)) return { offset: undefined, opensComment: false };
  return { offset: from + (BEFORE_FUNCTION.exec(rest)?.[0].length ?? 0), opensComment: false };
}
