// A profile as V8's own JSON, which DevTools and editors read (Chrome DevTools Protocol, Profiler.Profile).
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Profile, ProfiledFunction, ProfileNode, ThreadProfile } from './profile.js';
import { piecesOf } from './tree.js';
import type { V8CallFrame, V8Profile } from './v8-profile.js';

interface WrittenNode {
  readonly id: number;
  readonly callFrame: V8CallFrame;
  readonly hitCount: number;
  readonly children: number[];
  readonly positionTicks?: { readonly line: number; readonly ticks: number }[];
}

const ROOT = frameOf('(root)');

/**
 * Writes a profile as `.cpuprofile`. The format knows one thread: several stand one after the other, each below a function
 * with its name, so that the times of functions are right and the axis of time is not that of the clock.
 */
export function writeCpuProfile(profile: Profile): string {
  const frames = profile.functions.map(callFrame);
  const severalThreads = profile.threads.length > 1;
  const nodes: WrittenNode[] = [];
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  const add = (frame: V8CallFrame, parent: number, hitCount: number, lines?: WrittenNode['positionTicks']) => {
    const id = nodes.length + 1;
    nodes.push({
      id,
      callFrame: frame,
      hitCount,
      children: [],
      ...(lines === undefined ? {} : { positionTicks: lines }),
    });
    nodes[parent]?.children.push(id);
    return nodes.length - 1;
  };
  add(ROOT, -1, 0);
  // A delta is the time before its sample.
  let sinceLastUs = 0;
  let endUs = 0;
  const see = (place: number, us: number) => {
    samples.push(place + 1);
    timeDeltas.push(sinceLastUs);
    endUs += sinceLastUs;
    sinceLastUs = us;
  };
  for (const thread of profile.threads) {
    const top = severalThreads ? add(frameOf(thread.thread), 0, 0) : 0;
    const hits = hitsOf(thread);
    // What was seen in no function is none of the thread's function either.
    const places = [0];
    for (const [index, node] of thread.nodes.entries()) {
      if (index === 0) continue;
      const parent = node.parent > 0 ? (places[node.parent] ?? top) : top;
      places.push(add(frames[node.function] ?? ROOT, parent, hits[index] ?? 0, ticksOf(node, hits[index] ?? 0)));
    }
    // What stands before the first sample of a further thread is nobody's: not of the last one of the thread before.
    if (samples.length > 0 && thread.startUs > 0) see(0, thread.startUs);
    else sinceLastUs += thread.startUs;
    for (const [node, us] of piecesOf(thread)) see(places[node] ?? 0, us);
  }
  const startTime = Math.round(profile.unixMs * 1000);
  const endTime = startTime + endUs + sinceLastUs;
  return `${JSON.stringify({ nodes, startTime, endTime, samples, timeDeltas } satisfies V8Profile)}\n`;
}

function callFrame(code: ProfiledFunction, index: number): V8CallFrame {
  const url = isAbsolute(code.file) ? pathToFileURL(code.file).href : code.file;
  // What has no file is told apart by its script alone.
  const scriptId = code.origin === 'engine' || code.origin === 'idle' ? '0' : String(index + 1);
  return { functionName: code.name, scriptId, url, lineNumber: code.line - 1, columnNumber: code.column - 1 };
}

function frameOf(functionName: string): V8CallFrame {
  return { functionName, scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
}

function hitsOf(thread: ThreadProfile): Uint32Array {
  const hits = new Uint32Array(thread.nodes.length);
  for (const [node] of piecesOf(thread)) hits[node] = (hits[node] ?? 0) + 1;
  return hits;
}

function ticksOf({ lines, selfUs }: ProfileNode, hits: number): WrittenNode['positionTicks'] {
  if (lines.length === 0 || selfUs === 0) return undefined;
  return lines
    .map(([line, us]) => ({ line, ticks: Math.round((hits * us) / selfUs) }))
    .filter(({ ticks }) => ticks > 0);
}
