// Pauses a thread for the moment that reading its variables takes: its stack with them.
import { setTimeout as delay } from 'node:timers/promises';
import type { CdpConnection } from '../../cdp/connection.js';
import { pathOf } from '../../stalls/blame/code-names.js';
import { originOf } from '../../stalls/blame/frames.js';
import type { RawFrame } from '../../stalls/loop/raw-frame.js';
import type { Variable } from '../dump.js';
import { describeValue, type RemoteObject } from './describe-value.js';

/** Calls whose variables are read, and variables of one call. */
const CALLS = 16;
const VARIABLES = 20;
/** Scopes of the call itself; what closures and modules have is not only its own. */
const SCOPES: ReadonlySet<string> = new Set(['local', 'block', 'catch', 'eval']);

/** The stack of a paused thread, and the variables of each of its calls. */
export interface PausedStack {
  readonly frames: readonly RawFrame[];
  readonly locals: readonly (readonly Variable[])[];
}

/** A large program has many scripts to be told of first. */
const ENABLE_MS = 3000;
/** What runs is paused at its next statement, as soon as it gets a processor. */
const PAUSE_MS = 2000;

/**
 * Pauses the thread, reads and lets it go on. `idle` where nothing runs that could be paused, undefined where the thread does
 * not answer within 3 s. Never rejects.
 */
export async function pauseThread(connection: CdpConnection): Promise<PausedStack | 'idle' | undefined> {
  let isPaused = false;
  const urls = new Map<string, string>();
  connection.on('Debugger.scriptParsed', (params) => {
    const { scriptId, url } = params as { readonly scriptId: string; readonly url: string };
    urls.set(scriptId, url);
  });
  const paused = new Promise<CallFrame[]>((resolve) => {
    connection.on('Debugger.paused', (params) => {
      isPaused = true;
      resolve((params as { readonly callFrames: CallFrame[] }).callFrames);
    });
  });
  try {
    const enabled = connection.post('Debugger.enable').then(() => connection.post('Debugger.pause'));
    const isThere = await Promise.race([enabled.then(() => true), delay(ENABLE_MS, false, { ref: false })]);
    if (!isThere) return undefined;
    const callFrames = await Promise.race([paused, delay(PAUSE_MS, undefined, { ref: false })]);
    return callFrames === undefined ? 'idle' : await read(connection, callFrames, urls);
  } catch {
    return undefined;
  } finally {
    // Where it is not paused yet, this takes the wish back.
    if (isPaused) void connection.post('Debugger.resume').catch(() => {});
    void connection.post('Debugger.disable').catch(() => {});
  }
}

interface CallFrame {
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
  readonly functionLocation?: { readonly lineNumber: number; readonly columnNumber?: number };
  readonly scopeChain: readonly { readonly type: string; readonly object: { readonly objectId?: string } }[];
}

async function read(
  connection: CdpConnection,
  callFrames: readonly CallFrame[],
  urls: ReadonlyMap<string, string>,
): Promise<PausedStack> {
  const locals: Variable[][] = [];
  const frames: RawFrame[] = [];
  let calls = 0;
  for (const callFrame of callFrames) {
    const frame = frameOf(callFrame, urls.get(callFrame.location.scriptId) ?? '');
    frames.push(frame);
    // Node's own calls have variables that say nothing to anybody.
    const isOwn = originOf(pathOf(frame[1])) !== 'node' && calls++ < CALLS;
    locals.push(isOwn ? await variablesOf(connection, callFrame.scopeChain) : []);
  }
  return { frames, locals };
}

async function variablesOf(connection: CdpConnection, scopes: CallFrame['scopeChain']): Promise<Variable[]> {
  const found = new Map<string, string>();
  for (const { type, object } of scopes) {
    if (!SCOPES.has(type)) break;
    const { result } = (await connection.post('Runtime.getProperties', {
      objectId: object.objectId,
      ownProperties: true,
      generatePreview: true,
    })) as { readonly result: readonly { readonly name: string; readonly value?: RemoteObject }[] };
    for (const { name, value } of result) {
      // What an inner block has hides what is outside of it.
      if (value !== undefined && !found.has(name) && found.size < VARIABLES) found.set(name, describeValue(value));
    }
  }
  return [...found].map(([name, value]) => ({ name, value }));
}

// Places count from 0 there.
function frameOf({ functionName, location, functionLocation }: CallFrame, url: string): RawFrame {
  const begin = functionLocation ?? { lineNumber: -1, columnNumber: -1 };
  return [
    functionName,
    url,
    location.lineNumber + 1,
    (location.columnNumber ?? 0) + 1,
    false,
    begin.lineNumber + 1,
    (begin.columnNumber ?? 0) + 1,
  ];
}
