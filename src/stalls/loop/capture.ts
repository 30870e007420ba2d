// The function that the observer calls on top of whatever a thread is running: it tells the stack and what it runs for.
// It runs inside V8's interrupt, between any two statements of the application: it must leave no trace, and it may not
// rely on anything that the application can have changed.
import { executionAsyncId } from 'node:async_hooks';
import { systemClock } from '../../clock.js';
import { activeContext, type CapturedSpan, routeOf, spanOf } from './active-span.js';
import { mainGlobal } from './main-realm.js';
import { parseStack } from './parse-stack.js';
import { fileOf, frameOf, type RawFrame } from './raw-frame.js';

/** Where the observer finds the function. */
export const CAPTURE_KEY = 'loopsight.capture';

/** What the observer evaluates. */
export const CAPTURE_EXPRESSION = `globalThis[Symbol.for('${CAPTURE_KEY}')]?.()`;

/** What one capture tells. */
export interface RawCapture {
  /** When it was taken, in monotonic milliseconds. */
  readonly atMs: number;
  readonly frames: readonly RawFrame[];
  /** Number of the callback that runs, by Node's count of asynchronous resources. */
  readonly asyncId: number;
  readonly span?: CapturedSpan;
  /** Method and route template, such as `POST /invoices`; never a path that a client sent. */
  readonly route?: string;
  readonly hasDebugger?: boolean;
}

/** What else a capture can ask, where somebody knows it. */
export interface CaptureSources {
  readonly hasDebugger?: () => boolean;
  /** Method and route of the request whose callback runs. */
  readonly currentRoute?: (asyncId: number) => string | undefined;
}

const FRAME_LIMIT = 64;
/** The outermost frames tell what began it all, a module's loading for example, so some of them are kept of a deep stack. */
const OUTERMOST_FRAMES = 8;
const DEPTH_LIMIT = 1024;
/** The function of checkpoint.ts in which a capture after a native call is served. */
export const CHECKPOINT_NAME = 'loopsightCheckpoint';
/** Where the functions of Node that checkpoint.ts wraps come from, by their names; those of the engine are not in it. */
export const WRAPPED_FILES: Record<string, string> = Object.create(null);
const key = Symbol.for(CAPTURE_KEY);

// Taken before the application can replace them.
const { stringify } = JSON;
const OriginalError = Error;
const nodesPrepare = (Error as unknown as StackTraceSettings).prepareStackTrace;
const { captureStackTrace } = Error;

/** Puts the capture function in its place; returns its undo. */
export function installCapture(sources: CaptureSources = {}): () => void {
  const seen = mainGlobal();
  let busy = false;
  const capture = (): string | undefined => {
    // A session of somebody else's that evaluates while ours does.
    if (busy) return undefined;
    busy = true;
    try {
      return stringify(describe(sources));
    } catch {
      return undefined;
    } finally {
      busy = false;
    }
  };
  try {
    Object.defineProperty(seen, key, { value: capture, configurable: true });
  } catch {
    // The application froze the global object; nobody is blamed then.
  }
  return () => {
    if ((seen as { [key]?: unknown })[key] === capture) Reflect.deleteProperty(seen, key);
  };
}

function describe({ hasDebugger, currentRoute }: CaptureSources): RawCapture {
  const frames = readStack();
  const asyncId = executionAsyncId();
  const context = activeContext();
  const span = context === undefined ? undefined : spanOf(context);
  const route = (context === undefined ? undefined : routeOf(context)) ?? currentRoute?.(asyncId);
  return {
    atMs: systemClock.monotonicMs(),
    frames,
    asyncId,
    ...(span === undefined ? {} : { span }),
    ...(route === undefined ? {} : { route }),
    ...(hasDebugger?.() === true ? { hasDebugger: true } : {}),
  };
}

interface StackTraceSettings {
  stackTraceLimit: number;
  prepareStackTrace?: unknown;
}

/** The innermost `depth` frames of the stack below the function `wrapper`, which is on it. */
export function readCallers(wrapper: object, depth: number = DEPTH_LIMIT): RawFrame[] {
  return readStack((sites) => sites.map((site) => frameOf(site, fileOf(site))), wrapper, depth);
}

function readStack(
  framesOf: (sites: readonly NodeJS.CallSite[]) => RawFrame[] = toFrames,
  below?: object,
  depth: number = DEPTH_LIMIT,
): RawFrame[] {
  const settings = OriginalError as unknown as StackTraceSettings;
  const limit = Object.getOwnPropertyDescriptor(settings, 'stackTraceLimit');
  const prepare = Object.getOwnPropertyDescriptor(settings, 'prepareStackTrace');
  let frames: RawFrame[] | undefined;
  let text: string | undefined;
  try {
    // Frozen intrinsics refuse both; what `stack` says is then a text.
    Reflect.defineProperty(settings, 'stackTraceLimit', {
      value: depth,
      configurable: true,
      writable: true,
      enumerable: true,
    });
    const isReplaced = Reflect.defineProperty(settings, 'prepareStackTrace', {
      value: (_: Error, sites: NodeJS.CallSite[]) => {
        frames = framesOf(sites);
        return '';
      },
      configurable: true,
      writable: true,
    });
    // What cannot be replaced is called instead: Node's own may be, but not the application's.
    const isOfApplication = typeof prepare?.value === 'function' && prepare.value !== nodesPrepare;
    if (!isReplaced && isOfApplication) throw new OriginalError('the stack cannot be read');
    const holder: { stack?: string } = {};
    captureStackTrace(holder, below as never);
    text = holder.stack;
  } finally {
    restore(settings, 'stackTraceLimit', limit);
    restore(settings, 'prepareStackTrace', prepare);
  }
  return frames ?? parseStack(String(text));
}

function restore(settings: object, name: string, descriptor: PropertyDescriptor | undefined): void {
  if (descriptor === undefined) Reflect.deleteProperty(settings, name);
  else Reflect.defineProperty(settings, name, descriptor);
}

function toFrames(sites: readonly NodeJS.CallSite[]): RawFrame[] {
  const frames: RawFrame[] = [];
  let isOurs = true;
  let wrapperFile = '';
  for (let index = 0; index < sites.length; index++) {
    const site = sites[index];
    if (site === undefined) continue;
    const file = fileOf(site);
    // Ours end with the script that the observer had evaluated, which has no file.
    if (isOurs) {
      if (index === 0) wrapperFile = wrapperFileBeside(file);
      isOurs = file !== '';
      continue;
    }
    // A wrapped native call is shown as what it wraps; where that is a function of Node, it has a frame of its own.
    if (file === wrapperFile) {
      const name = site.getFunctionName() ?? '';
      if (frames.length === 0 && name !== CHECKPOINT_NAME)
        frames[0] = [name, WRAPPED_FILES[name] ?? 'native', 0, 0, false];
      continue;
    }
    if (frames.length < FRAME_LIMIT || index >= sites.length - OUTERMOST_FRAMES)
      frames[frames.length] = frameOf(site, file);
  }
  return frames;
}

const OWN_NAME = 'capture.';

// This file and checkpoint.ts are two, or one where they are bundled. No regular expression: `RegExp.$1` is the application's.
function wrapperFileBeside(ownFile: string): string {
  const at = ownFile.lastIndexOf(OWN_NAME);
  const end = ownFile.slice(at + OWN_NAME.length);
  return at === -1 || end.length > 'mjs'.length ? ownFile : `${ownFile.slice(0, at)}checkpoint.${end}`;
}
