// Two reports of one stall: of its captures, and of the samples of a profile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StallReport } from '../../../src/stalls/blame/stall-report.js';
import { surerOf } from '../../../src/stalls/watch/surer-report.js';

function reportOf(stack: readonly string[], known: Partial<StallReport> = {}): StallReport {
  const fileOf = (name: string) => (name.endsWith('Sync') ? 'node:internal/crypto/pbkdf2' : 'src/app.js');
  const places = stack.map((name) => ({ function: name, file: fileOf(name), line: 1, column: 1 }));
  const [culprit] = places;
  return {
    thread: 'main',
    startUnixMs: 0,
    durationMs: 400,
    cause: 'javascript',
    confidence: 'exact',
    ...(culprit === undefined ? {} : { culprit }),
    stack: places,
    callbacks: 1,
    ...known,
  };
}

const CASES: Readonly<
  Record<string, { readonly told: StallReport; readonly sampled: StallReport; readonly isSampled: boolean }>
> = {
  'the same function, which samples name without its class': {
    told: reportOf(['Cart.total', 'handle']),
    sampled: reportOf(['total', 'handle']),
    isSampled: false,
  },
  'a caller, which V8 has compiled the function into': {
    told: reportOf(['total', 'handle']),
    sampled: reportOf(['handle']),
    isSampled: false,
  },
  'another function': { told: reportOf(['total', 'handle']), sampled: reportOf(['encode', 'handle']), isSampled: true },
  'a capture after a native call': {
    told: reportOf(['handle'], { confidence: 'late' }),
    sampled: reportOf(['handle'], { cause: 'native' }),
    isSampled: true,
  },
  'samples that show only what Node itself runs': {
    told: reportOf(['handle'], { confidence: 'late' }),
    sampled: reportOf(['pbkdf2Sync'], { cause: 'native' }),
    isSampled: false,
  },
  'nobody but Node, by either': {
    told: reportOf([], { cause: 'unknown', confidence: 'unknown' }),
    sampled: reportOf(['pbkdf2Sync'], { cause: 'native' }),
    isSampled: true,
  },
  'no capture at all': {
    told: reportOf([], { cause: 'unknown', confidence: 'unknown' }),
    sampled: reportOf(['encode']),
    isSampled: true,
  },
  'no code in the samples': { told: reportOf(['total']), sampled: reportOf([]), isSampled: false },
  'a loop that spins': {
    told: reportOf(['total'], { cause: 'spin' }),
    sampled: reportOf(['encode']),
    isSampled: false,
  },
  'captures that came between two callbacks': {
    told: reportOf([], { cause: 'spin', confidence: 'unknown' }),
    sampled: reportOf(['encode']),
    isSampled: true,
  },
};

for (const [title, { told, sampled, isSampled }] of Object.entries(CASES)) {
  test(title, () => assert.equal(surerOf(told, sampled), isSampled ? sampled : told));
}
