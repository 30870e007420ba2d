// What is evaluated on top of whatever a thread runs, to read its stack: between two statements, without a pause and without a
// trace. The same as a capture of the observer, for threads in which nothing of ours is loaded.

/** More frames than this are only kept of a stack's outer end. */
const FRAMES = 64;
const OUTERMOST_FRAMES = 8;
const DEPTH = 1024;

/** What the thread answers, as JSON. */
export interface AttachedCapture {
  /** Frames as `RawFrame` has them. */
  readonly frames: readonly (readonly [
    functionName: string,
    file: string,
    line: number,
    column: number,
    isAwaited: boolean,
    beginLine: number,
    beginColumn: number,
  ])[];
  /** The number that the system gives to the thread; NaN (null) where it does not tell. */
  readonly systemThread: number | null;
}

/** Its value is the JSON of an AttachedCapture. Everything that it replaces is put back before anything else runs. */
export const ATTACHED_CAPTURE = `(() => {
  const fileOf = (site) => site.isNative() ? 'native'
    : (site.getFileName() ?? site.getScriptNameOrSourceURL()) || (site.isEval() ? 'eval' : '');
  const plain = new Set(['Object', 'Function', 'Module', 'Timeout', 'Immediate', 'process']);
  const nameOf = (site) => {
    const name = site.getFunctionName();
    if (!name) return '';
    if (site.isConstructor()) return 'new ' + name;
    if (site.isToplevel() || name.includes('.')) return name;
    const type = site.getTypeName();
    return type === null || plain.has(type) ? name : type + '.' + name;
  };
  const frames = [];
  const prepare = (_, sites) => {
    // The first two are this function and this text.
    const rest = sites.slice(2);
    rest.forEach((site, index) => {
      if (index >= ${FRAMES} && index < rest.length - ${OUTERMOST_FRAMES}) return;
      frames.push([nameOf(site), fileOf(site).slice(0, 4096), site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0,
        site.isAsync(), site.getEnclosingLineNumber?.() ?? 0, site.getEnclosingColumnNumber?.() ?? 0]);
    });
    return '';
  };
  const replace = (name, value) => {
    const before = Object.getOwnPropertyDescriptor(Error, name);
    Reflect.defineProperty(Error, name, { value, configurable: true, writable: true, enumerable: true });
    return () => before === undefined ? delete Error[name] : Reflect.defineProperty(Error, name, before);
  };
  const undo = [replace('stackTraceLimit', ${DEPTH}), replace('prepareStackTrace', prepare)];
  try {
    const holder = {};
    Error.captureStackTrace(holder);
    holder.stack;
  } finally {
    for (const each of undo) each();
  }
  let systemThread = NaN;
  try {
    systemThread = Number(process.getBuiltinModule('fs').readlinkSync('/proc/thread-self').split('/').pop());
  } catch {}
  return JSON.stringify({ frames, systemThread });
})()`;
