// Where code asked for a lock: a stack that costs some microseconds, and is read only when somebody is to be told.
import { applicationRoot } from '../../src/application-root.js';
import { culpritIndex, type Frame, placeOf, readFrames } from '../../src/stalls/blame/frames.js';
import { createSourceMapper } from '../../src/stalls/blame/source-maps.js';
import type { CodePlace } from '../../src/stalls/blame/stall-report.js';
import { fileOf, frameOf, type RawFrame } from '../../src/stalls/loop/raw-frame.js';
import { lockState } from './lock-state.js';

/** A stack that has been taken and not been read. */
export interface AskedAt {
  readonly stack?: unknown;
}

/** Between the application's code and us there may be a library, what a compiler made of it, and our own wrappers. */
const FRAMES = 48;
/** Maps are read on the application's own thread: a larger one would hold it for too long. */
const MAPPED_BYTES = 1024 * 1024;

type AnyFunction = (...args: never[]) => unknown;

let root: string | undefined;
let mapped: ((frame: Frame) => Frame) | undefined;

/** Takes the stack above the call of `below`, which must be on it. */
export function askedAt(below: AnyFunction): AskedAt {
  const taken = {};
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = FRAMES;
    Error.captureStackTrace(taken, below);
  } catch {
    // Somebody froze or replaced it; the place is not known then.
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
  return taken;
}

/** The stack without our own code, the innermost frame first; empty where it is not known. Never throws. */
export function framesOfAsker(taken: AskedAt): readonly Frame[] {
  try {
    return readFrames(framesOf(taken)).filter(({ path }) => !isOurs(path));
  } catch {
    return [];
  }
}

/** The application's own code that asked; undefined where it is not on the stack. Never throws. */
export function placeOfAsker(frames: readonly Frame[]): CodePlace | undefined {
  return placeAt(frames, culpritIndex(frames));
}

/** The application's own function that called the one that asked; undefined where that is not on the stack. Never throws. */
export function placeOfCaller(frames: readonly Frame[]): CodePlace | undefined {
  const index = culpritIndex(frames);
  const asker = frames[index];
  if (asker === undefined) return undefined;
  return placeAt(
    frames,
    frames.findIndex((frame, at) => at > index && frame.origin === 'application' && !isSameFunction(frame, asker)),
  );
}

function placeAt(frames: readonly Frame[], index: number): CodePlace | undefined {
  try {
    const frame = frames[index];
    root ??= applicationRoot();
    if (frame === undefined || frame.origin === 'node') return undefined;
    mapped ??= createSourceMapper({ limitBytes: MAPPED_BYTES });
    return placeOf(mapped(frame), root);
  } catch {
    return undefined;
  }
}

/**
 * Whether the code with the stack `now` goes on with what it had asked for with the stack `before`, as far as stacks can
 * tell: the function that asked is still there. Where both asked by the same helper, that is whoever called it.
 */
export function goesOn(before: readonly Frame[], now: readonly Frame[]): boolean {
  const [asked, here] = [before.filter(isCode), now.filter(isCode)];
  let index = 0;
  while (index < asked.length && isSameCall(asked[index], here[index])) index++;
  const holder = asked[index];
  if (holder === undefined) return asked.length > 0;
  return here.slice(index).some((frame) => isSameFunction(frame, holder));
}

/** Whether both stacks have a function of the application in common. */
export function haveCommonCode(some: readonly Frame[], others: readonly Frame[]): boolean {
  return some.filter(isCode).some((frame) => others.some((other) => isSameFunction(frame, other)));
}

const isCode = ({ origin }: Frame): boolean => origin === 'application' || origin === 'package';

function isSameCall(one: Frame | undefined, other: Frame | undefined): boolean {
  return one?.path === other?.path && one?.line === other?.line && one?.column === other?.column;
}

function isSameFunction(one: Frame, other: Frame): boolean {
  if (one.path !== other.path) return false;
  const [begin, otherBegin] = [one.begin, other.begin];
  if (begin === undefined || otherBegin === undefined) return one.function === other.function;
  return begin.line === otherBegin.line && begin.column === otherBegin.column;
}

function isOurs(path: string): boolean {
  for (const folder of lockState().ownFolders) if (path.startsWith(folder)) return true;
  return false;
}

// V8 asks for the text when `stack` is read for the first time.
function framesOf(taken: AskedAt): RawFrame[] {
  const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  let frames: RawFrame[] = [];
  const isReplaced = Reflect.defineProperty(Error, 'prepareStackTrace', {
    value: (_: unknown, sites: NodeJS.CallSite[]) => {
      frames = sites.map((site) => frameOf(site, fileOf(site)));
      return '';
    },
    configurable: true,
    writable: true,
  });
  if (!isReplaced) return [];
  try {
    void taken.stack;
  } finally {
    if (before === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Object.defineProperty(Error, 'prepareStackTrace', before);
  }
  return frames;
}
