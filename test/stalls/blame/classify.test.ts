// The cause of a stall, by table: what each kind of evidence says, and which of two wins.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { causeOf, leafCause } from '../../../src/stalls/blame/classify.js';
import type { StallEvidence } from '../../../src/stalls/blame/evidence.js';
import { readFrames } from '../../../src/stalls/blame/frames.js';
import type { StallCause } from '../../../src/stalls/blame/stall-report.js';
import { evidence, frame, scheduled, taken } from '../made-evidence.js';

const computing = [scheduled(400, { cpu: 0.98 })];
const asleep = (waitsIn: string) => [scheduled(400, { cpu: 0.01, waitsIn })];
const loop = [taken(1100, ['parse src/a.js:3']), taken(1200, ['parse src/a.js:3'])];
const locked = [taken(1100, ['Atomics.wait native:0', 'lock src/a.js:3'])];
const reading = [taken(1395, ['readSync node:fs:5', 'read src/a.js:3'])];
const flood = [1100, 1150, 1200].map((atMs) => taken(atMs, ['tick src/a.js:3'], { asyncId: atMs }));

interface Case {
  readonly expected: StallCause;
  readonly known: Partial<StallEvidence>;
  readonly culprits?: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  'a loop that computes': { expected: 'javascript', known: { captures: loop, scheduler: computing } },
  'a loop where the system tells nothing': { expected: 'javascript', known: { captures: loop } },
  'nothing at all': { expected: 'unknown', known: {} },
  'a computing thread that nobody saw': { expected: 'unknown', known: { scheduler: computing } },
  'requests that followed each other, more than a server keeps up with': {
    expected: 'javascript',
    known: { captures: flood, scheduler: computing, events: 20, longestMs: 60 },
    culprits: ['tick src/a.js', 'tick src/a.js', 'tick src/a.js'],
  },
  'an attached debugger': { expected: 'debugger', known: { captures: loop, hasDebugger: true } },
  'a debugger that a capture saw': {
    expected: 'debugger',
    known: { captures: [taken(1100, [], { hasDebugger: true })] },
  },
  'a debugger on a stopped process': { expected: 'debugger', known: { hasDebugger: true, observerGapMs: 400 } },
  'a stopped process': { expected: 'descheduled', known: { captures: loop, observerGapMs: 380 } },
  'no processor to be had': {
    expected: 'descheduled',
    known: { captures: loop, scheduler: [scheduled(400, { cpu: 0.1, queued: 0.9 })] },
  },
  'a processor that is shared with others': {
    expected: 'javascript',
    known: { captures: loop, scheduler: [scheduled(400, { cpu: 0.5, queued: 0.5 })] },
  },
  'short callbacks that waited for their processor in between': {
    expected: 'descheduled',
    known: { toMs: 1130, captures: loop, scheduler: [scheduled(130, { cpu: 0.65, queued: 0.35 })] },
  },
  'a loop of a little more than the threshold': {
    expected: 'javascript',
    known: { toMs: 1130, captures: loop, scheduler: [scheduled(130, { cpu: 0.95, queued: 0.05 })] },
  },
  'a long loop that waited for its processor in between': {
    expected: 'javascript',
    known: { toMs: 2000, captures: loop, scheduler: [scheduled(1000, { cpu: 0.4, queued: 0.6 })] },
  },
  'an observer that was late while the thread computed': {
    expected: 'javascript',
    known: { captures: loop, observerGapMs: 380, scheduler: computing },
  },
  'nearly nothing but collections of garbage': {
    expected: 'gc',
    known: { captures: loop, scheduler: computing, gcMs: 330 },
  },
  'as much of collections as of code that makes the garbage': {
    expected: 'javascript',
    known: { captures: loop, scheduler: computing, gcMs: 220 },
  },
  'some collections of garbage': { expected: 'javascript', known: { captures: loop, scheduler: computing, gcMs: 100 } },
  'collections in a process that had no processor': {
    expected: 'descheduled',
    known: { gcMs: 390, observerGapMs: 380 },
  },
  'a lock': { expected: 'wait', known: { captures: locked, scheduler: asleep('futex_do_wait') } },
  'a lock where the system tells nothing': { expected: 'wait', known: { captures: locked } },
  'a lock that nobody saw': { expected: 'wait', known: { captures: [], scheduler: asleep('futex_do_wait') } },
  'a child process that nobody saw': {
    expected: 'sync_io',
    known: { captures: [], scheduler: asleep('do_epoll_wait') },
  },
  'a thread that sleeps in JavaScript': {
    expected: 'sync_io',
    known: { captures: loop, scheduler: asleep('folio_wait') },
  },
  'a file that is read from memory': { expected: 'sync_io', known: { captures: reading, scheduler: computing } },
  'a file that is waited for': { expected: 'sync_io', known: { captures: reading, scheduler: asleep('folio_wait') } },
  'a thread that computes and then locks': {
    expected: 'javascript',
    known: { captures: locked, scheduler: computing },
  },
  'callbacks that start each other': {
    expected: 'spin',
    known: { captures: flood, scheduler: computing },
    culprits: ['tick src/a.js', 'tick src/a.js', 'tick src/a.js'],
  },
  'different callbacks of different code': {
    expected: 'javascript',
    known: { captures: flood, scheduler: computing },
    culprits: ['tick src/a.js', 'tock src/a.js', 'tick src/a.js'],
  },
  'two callbacks of the same code': {
    expected: 'javascript',
    known: { captures: flood.slice(1), scheduler: computing },
    culprits: ['tick src/a.js', 'tick src/a.js'],
  },
  'microtasks that are met in between only': {
    expected: 'spin',
    known: { captures: [taken(1100, []), taken(1200, [])], scheduler: computing },
  },
};

describe('the cause', () => {
  for (const [what, { expected, known, culprits = [] }] of Object.entries(CASES)) {
    test(`of ${what} is ${expected}`, () => assert.equal(causeOf(evidence(known), culprits), expected));
  }
});

describe('a stack', () => {
  const STACKS: readonly (readonly [expected: StallCause, ...stack: string[]])[] = [
    ['javascript', 'parse src/a.js:3'],
    ['javascript'],
    ['wait', 'Atomics.wait native:0', 'lock src/a.js:3'],
    ['wait', 'wait native:0', 'lock src/a.js:3'],
    ['native', 'JSON.parse native:0', 'load src/a.js:3'],
    ['native', 'parse native:0', 'load src/a.js:3'],
    ['native', 'structuredClone native:0', 'copy src/a.js:3'],
    ['native', 'pbkdf2Sync node:internal/crypto/pbkdf2:5', 'hash src/a.js:3'],
    ['native', 'deflateSync node:zlib:5', 'pack src/a.js:3'],
    ['native', 'runInContext node:vm:5', 'run src/a.js:3'],
    ['sync_io', 'readFileSync node:fs:5', 'load src/a.js:3'],
    ['sync_io', 'spawnSync node:internal/child_process:5', 'execSync node:child_process:9', 'git src/a.js:3'],
    ['native', 'sort native:0', 'rank src/a.js:3'],
    ['native', 'Float64Array.sort native:0', 'rank src/a.js:3'],
    ['javascript', 'map native:0', 'rank src/a.js:3'],
    ['javascript', 'compare src/a.js:2', 'sort native:0', 'rank src/a.js:3'],
    ['javascript', 'parse src/a.js:3', 'readFileSync node:fs:5'],
    ['javascript', 'parse node_modules/csv/index.js:3', 'readFileSync node:fs:5'],
    ['javascript', 'emit node:events:5', 'load src/a.js:3'],
  ];
  for (const [expected, ...stack] of STACKS) {
    test(`of ${stack.length === 0 ? 'nothing' : stack.join(', ')} is ${expected}`, () => {
      assert.equal(leafCause(readFrames(stack.map(frame))), expected);
    });
  }
});
