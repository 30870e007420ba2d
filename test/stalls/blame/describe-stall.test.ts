// From evidence to a report: what is said, and what is left out.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeStall, isStart, isUnseenStart } from '../../../src/stalls/blame/describe-stall.js';
import type { StallEvidence } from '../../../src/stalls/blame/evidence.js';
import { type Frame, readFrames } from '../../../src/stalls/blame/frames.js';
import { stallJson, stallSentence } from '../../../src/stalls/tell/stall-sentence.js';
import { APP, evidence, scheduled, taken } from '../made-evidence.js';

const options = { root: APP, mapped: (frame: Frame) => frame, thread: 'main', unixOriginMs: 1_000_000 };
const describeIt = (known: Partial<StallEvidence>) => describeStall(evidence(known), options);

const span = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true };

test('a report tells when, for how long, by whom and for whom', () => {
  const captures = [taken(1100, ['JSON.parse native:0', 'load src/a.js:3'], { span, route: 'GET /a' })];
  assert.deepEqual(describeStall(evidence({ captures }), { ...options, waiting: { requests: 3, waitedMs: 900 } }), {
    thread: 'main',
    startUnixMs: 1_001_000,
    durationMs: 400,
    cause: 'native',
    confidence: 'exact',
    culprit: { function: 'load', file: 'src/a.js', line: 3, column: 1 },
    leaf: { function: 'JSON.parse', file: 'native', line: 0, column: 1 },
    stack: [
      { function: 'JSON.parse', file: 'native', line: 0, column: 1 },
      { function: 'load', file: 'src/a.js', line: 3, column: 1 },
    ],
    callbacks: 1,
    span,
    route: 'GET /a',
    waiting: { requests: 3, waitedMs: 900 },
  });
});

describe('a report', () => {
  const captures = [taken(1100, ['a src/a.js:3'], { span, route: 'GET /a' })];
  const BLAMELESS: Readonly<Record<string, Partial<StallEvidence>>> = {
    gc: { captures, gcMs: 390 },
    descheduled: { captures, observerGapMs: 390 },
    debugger: { captures, hasDebugger: true },
    unknown: { scheduler: [scheduled(400, { cpu: 1 })] },
  };
  for (const [cause, known] of Object.entries(BLAMELESS)) {
    test(`of cause ${cause} blames no code, no span and no route`, () => {
      const { culprit, leaf, span: blamed, route, stack, ...rest } = describeIt(known);
      assert.deepEqual([culprit, leaf, blamed, route, stack], [undefined, undefined, undefined, undefined, []]);
      assert.equal(rest.cause, cause);
      assert.equal(rest.confidence, 'unknown');
    });
  }

  test('counts the callbacks that were seen', () => {
    const seen = [1, 1, 2].map((asyncId, index) => taken(1100 + index, ['a src/a.js'], { asyncId }));
    assert.equal(describeIt({ captures: seen }).callbacks, 2);
  });

  test('has neither waiting requests nor an end where there are none', () => {
    const none = describeStall(evidence(), { ...options, waiting: { requests: 0, waitedMs: 0 } });
    assert.ok(!('waiting' in none) && !('ongoing' in none));
    assert.equal(describeStall(evidence(), { ...options, ongoing: true }).ongoing, true);
  });

  test('of code with hostile names has no folder of the machine, and one line each', () => {
    const file = '/home/ada/secret/evil\n\u001b[2Jfolder/x.js';
    const name = `${'y'.repeat(10_000)}\r\n"; rm`;
    const { capture, askedMs } = taken(1100, []);
    const hostile = {
      askedMs,
      capture: { ...capture, frames: [[name, file, 3, 4, false]] as const, route: 'GET \n/a' },
    };
    assert.equal(readFrames(hostile.capture.frames)[0]?.path, file);
    const report = describeIt({ captures: [hostile] });
    for (const text of [stallSentence(report), stallJson(report, 0), JSON.stringify(report.culprit)]) {
      assert.doesNotMatch(text, /\p{Cc}/u);
      assert.ok(!text.includes('/home') && !text.includes('secret'), text);
      assert.ok(text.length < 1500, `${text.length} characters`);
    }
  });
});

describe('a stall is the start of the program', () => {
  const loading = 'run node:internal/modules/run_main';
  const CASES: readonly (readonly [what: string, isStart: boolean, ...stacks: string[][]])[] = [
    ['below the loading of the entry module', true, ['a src/a.js', loading]],
    ['in each capture', false, ['a src/a.js', loading], ['a src/a.js', 'listOnTimeout node:internal/timers']],
    ['but not in a callback', false, ['a src/a.js', 'listOnTimeout node:internal/timers']],
    ['but not unseen', false],
  ];
  for (const [what, expected, ...stacks] of CASES) {
    test(what, () => {
      assert.equal(isStart(evidence({ captures: stacks.map((stack) => taken(1100, stack)) })), expected);
    });
  }
});

describe('a stall in the first two seconds', () => {
  test('is the start of the program where nobody saw it', () => {
    assert.equal(isUnseenStart(evidence({ fromMs: 2999 }), 1000), true);
    assert.equal(isUnseenStart(evidence({ fromMs: 3000 }), 1000), false);
  });

  test('is not where its code was seen', () => {
    assert.equal(isUnseenStart(evidence({ captures: [taken(1100, ['a src/a.js'])] }), 1000), false);
  });
});
