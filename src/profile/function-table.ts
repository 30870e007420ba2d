// The functions of a profile, each once, with the source maps applied to their places and to the lines that were seen.
import { pathOf, withoutContentHash } from '../stalls/blame/code-names.js';
import type { Frame } from '../stalls/blame/frames.js';
import { NODE_PACKAGE, originOfFile, packageOfFile } from './packages.js';
import type { CodeOrigin, ProfiledFunction } from './profile.js';
import type { ProfileSources } from './sources.js';
import type { TickedLines } from './tick-lines.js';
import type { V8CallFrame, V8ProfileNode } from './v8-profile.js';

/** A longer line is a minifier's: whatever stands in it, a line says nothing. */
const MINIFIED_LENGTH = 1000;
const ENGINE_SCRIPT = '0';

interface KnownFunction {
  readonly place: number;
  /** Its file as the engine has it. */
  readonly path: string;
  readonly code: ProfiledFunction;
  /** Lines as the engine counts them → lines of the source; 0 for those that are none of the function's file. */
  readonly lines: Map<number, number>;
}

/** Collects the functions of one profile. */
export function createFunctionTable(sources: ProfileSources, mapped: boolean) {
  const functions: ProfiledFunction[] = [];
  const byFrame = new Map<string, KnownFunction>();
  const bySource = new Map<string, number>();

  function known(frame: V8CallFrame): KnownFunction {
    const key = `${scriptOf(frame)}\n${frame.lineNumber}:${frame.columnNumber}\n${frame.functionName}`;
    const before = byFrame.get(key);
    if (before !== undefined) return before;
    const path = pathOf(frame.url);
    const code = functionFrom(frame, path, mapped ? sources : undefined);
    const sourceKey = `${code.file === '' ? scriptOf(frame) : code.file}\n${code.line}:${code.column}\n${code.name}`;
    let place = bySource.get(sourceKey);
    if (place === undefined) {
      place = functions.length;
      functions.push(code);
      bySource.set(sourceKey, place);
    }
    const found = { place, path, code: functions[place] ?? code, lines: new Map<number, number>() };
    byFrame.set(key, found);
    return found;
  }

  function sourceLine({ path, code, lines }: KnownFunction, line: number): number {
    let found = lines.get(line);
    if (found === undefined) {
      // Not only lines of the function itself: those of a function that was inlined into it are right.
      found = lineInSource(path, code, line, sources, mapped);
      lines.set(line, found);
    }
    return found;
  }

  return {
    functions: functions as readonly ProfiledFunction[],
    /** The place of a frame's function in the list. */
    add: (frame: V8CallFrame): number => known(frame).place,
    /** Adds the ticks of a node to `ticks`, without those that are outside of the function's file. */
    addTicks(
      ticks: TickedLines | undefined,
      { callFrame, positionTicks = [] }: V8ProfileNode,
    ): TickedLines | undefined {
      if (positionTicks.length === 0) return ticks;
      const code = known(callFrame);
      const sum: TickedLines = ticks ?? new Map();
      for (const tick of positionTicks) {
        const line = sourceLine(code, tick.line);
        if (line > 0) sum.set(line, (sum.get(line) ?? 0) + tick.ticks);
      }
      return sum;
    },
  };
}

// What `eval` and `new Function` make has no address, but a script of its own; what the engine brings has neither.
function scriptOf({ url, scriptId, lineNumber }: V8CallFrame): string {
  return url !== '' ? url : lineNumber >= 0 ? scriptId : ENGINE_SCRIPT;
}

function functionFrom(frame: V8CallFrame, path: string, sources: ProfileSources | undefined): ProfiledFunction {
  const { functionName: name, lineNumber, columnNumber } = frame;
  const origin = originOfFrame(frame, path);
  const line = Math.max(0, lineNumber + 1);
  const column = Math.max(0, columnNumber + 1);
  const plain = { name, file: path, line, column, origin, package: packageOf(origin, path) };
  if (sources === undefined || (origin !== 'application' && origin !== 'package')) return plain;
  const source = sources.map(frameAt(name, path, line, column));
  // Where no map tells of it, all of it stays the engine's, so that it can be found in the file.
  if (source.line === line && source.column === column && source.path === withoutContentHash(path)) return plain;
  const mappedOrigin = originOfFile(source.path);
  return {
    name: source.function,
    file: source.path,
    line: source.line,
    column: source.column,
    origin: mappedOrigin,
    package: packageOf(mappedOrigin, source.path),
  };
}

const frameAt = (name: string, path: string, line: number, column: number): Frame => {
  return { function: name, path, line, column, origin: 'application', isAwaited: false, begin: { line, column } };
};

function lineInSource(
  path: string,
  code: ProfiledFunction,
  line: number,
  sources: ProfileSources,
  mapped: boolean,
): number {
  const text = sources.lines(path);
  // A file that cannot be read is believed.
  if (text === undefined) return code.file === path ? line : 0;
  const written = text[line - 1];
  if (written === undefined || written.length > MINIFIED_LENGTH || written.trim() === '') return 0;
  if (!mapped || code.file === path) return line;
  const column = written.length - written.trimStart().length + 1;
  const source = sources.map(frameAt('', path, line, column));
  return source.path === code.file ? source.line : 0;
}

function originOfFrame(frame: V8CallFrame, path: string): CodeOrigin {
  if (path !== '') return originOfFile(path);
  if (frame.functionName === '(idle)') return 'idle';
  return scriptOf(frame) === ENGINE_SCRIPT ? 'engine' : 'application';
}

const packageOf = (origin: CodeOrigin, path: string): string =>
  origin === 'node' ? NODE_PACKAGE : origin === 'package' ? packageOfFile(path) : '';
