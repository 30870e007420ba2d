// Many requests that arrive together are nobody's fault; one that takes long is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StallEvidence } from '../../../src/stalls/blame/evidence.js';
import { isBacklog } from '../../../src/stalls/blame/short-callbacks.js';
import { evidence, scheduled, taken } from '../made-evidence.js';

const STACK = ['answer src/server.js:3'];
const at = (atMs: number, asyncId: number, waitedMs = 1) => taken(atMs, STACK, { asyncId, waitedMs });

const CASES: Readonly<Record<string, readonly [isBacklog: boolean, known: Partial<StallEvidence>]>> = {
  'requests of which each was seen once': [true, { events: 5, captures: [at(1100, 7), at(1150, 8), at(1220, 9)] }],
  'requests of which none was seen': [true, { events: 5 }],
  'a request that was seen again after 50 ms': [
    false,
    { events: 5, captures: [at(1100, 7), at(1150, 7), at(1220, 9)] },
  ],
  'a request that was seen again on a machine that let it run for half of that': [
    true,
    { events: 5, captures: [at(1100, 7), at(1150, 7)], scheduler: [scheduled(400, { cpu: 0.4, queued: 0.5 })] },
  ],
  'a native call that nothing interrupted for 50 ms': [false, { events: 5, captures: [at(1390, 7, 90)] }],
  'a request and messages between threads': [false, { events: 3, captures: [at(1100, 7), at(1150, 8)] }],
  'three requests, by when they began': [true, { events: 3, longestMs: 41, captures: [at(1101, 7)] }],
  'a request that took most of the time': [false, { events: 3, longestMs: 90, captures: [at(1101, 7)] }],
  'many requests of 20 ms on a machine that let them run for half of the time': [
    true,
    {
      events: 20,
      toMs: 1800,
      longestMs: 90,
      captures: [at(1100, 7), at(1150, 7, 60)],
      scheduler: [scheduled(800, { cpu: 0.5, queued: 0.5 })],
    },
  ],
  'the same on a free processor': [
    false,
    { events: 20, toMs: 1800, longestMs: 90, captures: [at(1100, 7), at(1150, 7, 60)] },
  ],
  'a request of 300 ms on a machine that let it run for half of the time': [
    false,
    {
      events: 20,
      toMs: 1800,
      longestMs: 600,
      captures: [at(1100, 7), at(1150, 7, 60)],
      scheduler: [scheduled(800, { cpu: 0.5, queued: 0.5 })],
    },
  ],
  'timers that were due together': [false, { events: 0, captures: [at(1100, 7), at(1150, 8)] }],
  'a loop that does not tell': [false, { captures: [at(1100, 7), at(1150, 8)] }],
  'more than a server can catch up with': [false, { events: 30, toMs: 1800, captures: [at(1100, 7), at(1150, 8)] }],
};

for (const [what, [expected, known]] of Object.entries(CASES)) {
  test(`${what}: ${expected ? 'a backlog' : 'somebody is to blame'}`, () => {
    assert.equal(isBacklog(evidence({ toMs: 1250, ...known })), expected);
  });
}
