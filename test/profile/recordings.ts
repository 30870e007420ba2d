// Recordings of V8's profiler for tests: made by hand, at random, or large.
import fc from 'fast-check';
import type { V8CallFrame, V8Profile, V8ProfileNode, V8Recording } from '../../src/profile/v8-profile.js';

/** A frame of the file `url`, with its line from 1; engine's where there is no line. */
export function frame(functionName: string, url = '', line = 0, column = 1): V8CallFrame {
  return {
    functionName,
    scriptId: line === 0 ? '0' : '7',
    url,
    lineNumber: line - 1,
    columnNumber: line === 0 ? -1 : column - 1,
  };
}

/** A call tree written by hand: what it is, how many samples of 1 ms it has itself, and what it called. */
export interface Tree {
  readonly frame: V8CallFrame;
  readonly samples?: number;
  readonly lines?: readonly (readonly [line: number, ticks: number])[];
  readonly calls?: readonly Tree[];
}

export const SAMPLE_US = 1000;

/** V8's profile of what `(root)` called. */
export function v8Profile(calls: readonly Tree[]): V8Profile {
  const nodes: (V8ProfileNode & { readonly children: number[] })[] = [];
  const samples: number[] = [];
  const add = ({ frame: callFrame, samples: hitCount = 0, lines, calls: called = [] }: Tree): number => {
    const id = nodes.length + 1;
    const positionTicks = lines?.map(([line, ticks]) => ({ line, ticks }));
    const children: number[] = [];
    nodes.push({ id, callFrame, hitCount, children, ...(positionTicks === undefined ? {} : { positionTicks }) });
    for (let sample = 0; sample < hitCount; sample++) samples.push(id);
    for (const one of called) children.push(add(one));
    return id;
  };
  add({ frame: frame('(root)'), calls });
  const startTime = 5_000_000;
  return {
    nodes,
    startTime,
    endTime: startTime + samples.length * SAMPLE_US,
    samples,
    timeDeltas: samples.map((_, index) => (index === 0 ? 0 : SAMPLE_US)),
  };
}

/** A recording of the main thread, and of workers where more are given. */
export function recordingOf(...profiles: readonly V8Profile[]): V8Recording {
  return {
    pid: 4711,
    nodeVersion: 'v24.0.0',
    unixMs: Date.UTC(2026, 0, 2),
    intervalUs: SAMPLE_US,
    threads: profiles.map((profile, threadId) => {
      return { thread: threadId === 0 ? 'main' : `worker ${threadId}`, threadId, profile };
    }),
    notes: [],
  };
}

/** Names that something in the way of a profile could take for something else. */
export const HOSTILE = [
  '',
  ' ',
  'a;b',
  'a b 17',
  '(3)',
  '(3) three',
  'fn=(1) x',
  'summary: 1',
  'line\nbreak\r\n',
  '\u001b[31mred\u001b]0;title\u0007',
  '</script><img src=x onerror=alert(1)>',
  '"quoted\\"',
  '__proto__',
  'constructor',
  '\ud800',
  '\u202etxt.exe',
  'ünïcödé 🔥',
  '%00%s%n',
  'x'.repeat(5000),
  'native',
  '(idle)',
  '(program)',
  '(garbage collector)',
  '(root)',
] as const;

const names = fc.oneof(fc.constantFrom(...HOSTILE), fc.constantFrom('alpha', 'beta', 'gamma'), fc.string());
const urls = fc.oneof(
  fc.constantFrom(
    '',
    '',
    '/srv/a.js',
    'file:///srv/a.js',
    'node:fs',
    '/srv/node_modules/@x/y/z.js',
    'webpack://a/./b.ts',
  ),
  fc.constantFrom(...HOSTILE),
);
const frames: fc.Arbitrary<V8CallFrame> = fc.record({
  functionName: names,
  scriptId: fc.constantFrom('0', '1', '2'),
  url: urls,
  lineNumber: fc.integer({ min: -1, max: 40 }),
  columnNumber: fc.integer({ min: -1, max: 20 }),
});

const profiles: fc.Arbitrary<V8Profile> = fc
  .record({
    called: fc.array(fc.record({ frame: frames, parent: fc.nat(), ticks: fc.array(fc.integer({ min: 1, max: 50 })) })),
    seen: fc.array(fc.record({ node: fc.nat(), delta: fc.integer({ min: -300, max: 5000 }) })),
    afterUs: fc.nat(5000),
  })
  .map(({ called, seen, afterUs }) => {
    const frames = [{ frame: frame('(root)'), parent: 0, ticks: [] as number[] }, ...called];
    const children = frames.map((): number[] => []);
    for (const [index, { parent }] of frames.entries()) if (index > 0) children[parent % index]?.push(index + 1);
    const samples = seen.map(({ node }) => (node % frames.length) + 1);
    const nodes = frames.map(({ frame: callFrame, ticks }, index) => {
      const hitCount = samples.filter((id) => id === index + 1).length;
      const positionTicks = ticks.slice(0, hitCount).map((line) => ({ line, ticks: 1 }));
      return { id: index + 1, callFrame, hitCount, children: children[index] ?? [], positionTicks };
    });
    const timeDeltas = seen.map(({ delta }) => delta);
    // As V8's, it ends after its last sample, whatever their order.
    let [time, last] = [0, 0];
    for (const delta of timeDeltas) {
      time += delta;
      last = Math.max(last, time);
    }
    return { nodes, startTime: 1000, endTime: 1000 + last + afterUs, samples, timeDeltas };
  });

/** Recordings of up to three threads. */
export const recordings: fc.Arbitrary<V8Recording> = fc
  .array(profiles, { maxLength: 3 })
  .map((threads) => recordingOf(...threads));

/** A recording with many nodes, as deep as V8 records stacks, and a sample for each. */
export function hugeRecording(count: number, depth: number, functions: number): V8Recording {
  const nodes: (V8ProfileNode & { readonly children: number[] })[] = [];
  for (let index = 0; index < count; index++) {
    const code = index % functions;
    const callFrame = index === 0 ? frame('(root)') : frame(`f${code}`, `/srv/${code % 100}.js`, code + 1);
    const positionTicks = index === 0 ? [] : [{ line: code + 2, ticks: 1 }];
    nodes.push({ id: index + 1, callFrame, hitCount: index === 0 ? 0 : 1, children: [], positionTicks });
    if (index > 0) nodes[index % depth === 1 ? 0 : index - 1]?.children.push(index + 1);
  }
  const samples = nodes.slice(1).map(({ id }) => id);
  const timeDeltas = samples.map(() => SAMPLE_US);
  return recordingOf({ nodes, samples, timeDeltas, startTime: 0, endTime: count * SAMPLE_US });
}
