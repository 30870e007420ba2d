// The frames of a capture: what V8's call sites tell of them, in a form that is sent to the observer.
import { isCompiledInMemory, loadedPosition, shortened } from './compiled-in-memory.js';

/** One stack frame: function, file, line, column, whether it is reached through an await only, and the function's begin. */
export type RawFrame = readonly [
  functionName: string,
  file: string,
  line: number,
  column: number,
  isAwaited: boolean,
  beginLine?: number,
  beginColumn?: number,
];

/** The frame of `site`, whose file is known. */
export function frameOf(site: NodeJS.CallSite, file: string): RawFrame {
  const name = nameOf(site);
  const isAwaited = site.isAsync();
  const line = site.getLineNumber() ?? 0;
  const column = site.getColumnNumber() ?? 0;
  if (isCompiledInMemory(file)) {
    const [sourceLine, sourceColumn] = loadedPosition(file, line, column);
    return [name, shortened(file), sourceLine, sourceColumn, isAwaited];
  }
  // Names in Node's own code are those of its sources.
  if (file.startsWith('node:')) return [name, file, line, column, isAwaited];
  const beginLine = site.getEnclosingLineNumber() ?? 0;
  return [name, file, line, column, isAwaited, beginLine, site.getEnclosingColumnNumber() ?? 0];
}

/** The file of `site`: `native` in the engine, `eval` in code that came as a text, empty in what an inspector evaluates. */
export function fileOf(site: NodeJS.CallSite): string {
  if (site.isNative()) return 'native';
  const name = site.getFileName() ?? site.getScriptNameOrSourceURL();
  if (typeof name === 'string' && name !== '') return name;
  return site.isEval() ? 'eval' : '';
}

// Types of `this` that say nothing about whose function it is: what plain functions and callbacks of timers are called on.
const NAMELESS_TYPES: ReadonlySet<string> = new Set([
  'Object',
  'Function',
  'Module',
  'Timeout',
  'Immediate',
  'process',
]);

// As V8 writes it into a stack: the class of `this`, and the function.
function nameOf(site: NodeJS.CallSite): string {
  const name = site.getFunctionName();
  if (name === null || name === '') return '';
  if (site.isConstructor()) return `new ${name}`;
  if (site.isToplevel() || name.includes('.')) return name;
  const type = site.getTypeName();
  return type === null || NAMELESS_TYPES.has(type) ? name : `${type}.${name}`;
}
