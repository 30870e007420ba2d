// Which stalls are logged, and how often, on a clock that the test moves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createStallLog } from '../../../src/stalls/tell/stall-log.js';
import { report } from '../made-evidence.js';

const MINUTE = 60_000;
const long = report({ durationMs: 1200 });
const other = report({ durationMs: 1200, culprit: { function: 'render', file: 'src/page.ts', line: 1, column: 1 } });
const leftOutOf = (line: string | undefined) => (line === undefined ? undefined : (JSON.parse(line).left_out ?? 0));

describe('a log for collectors', () => {
  test('has stalls from one second on', () => {
    const log = createStallLog('json');
    assert.equal(log(report({ durationMs: 999 }), 0), undefined);
    assert.equal(JSON.parse(log(report({ durationMs: 1000 }), 0) ?? '{}').duration_ms, 1000);
  });

  test('has each culprit once in ten minutes, with the number that was left out', () => {
    const log = createStallLog('json');
    assert.equal(leftOutOf(log(long, 0)), 0);
    assert.equal(leftOutOf(log(long, MINUTE)), undefined);
    assert.equal(leftOutOf(log(long, 9 * MINUTE)), undefined);
    assert.equal(leftOutOf(log(other, 9 * MINUTE)), 0, 'another culprit is not held back');
    assert.equal(leftOutOf(log(long, 10 * MINUTE)), 2);
    assert.equal(leftOutOf(log(long, 11 * MINUTE)), undefined);
    assert.equal(leftOutOf(log(long, 20 * MINUTE)), 1);
  });

  test('does not count short stalls as left out', () => {
    const log = createStallLog('json');
    log(long, 0);
    log(report({ durationMs: 500 }), 1);
    assert.equal(leftOutOf(log(long, 10 * MINUTE)), 0);
  });

  test('takes a culprit for the same whatever the cause and the line, and for another one on another thread', () => {
    const log = createStallLog('json');
    log(long, 0);
    assert.equal(log({ ...long, cause: 'native' }, 1), undefined);
    assert.equal(
      log(
        report({
          durationMs: 1200,
          culprit: { function: 'parseInvoice', file: 'src/invoice.ts', line: 99, column: 1 },
        }),
        2,
      ),
      undefined,
    );
    assert.equal(leftOutOf(log({ ...long, thread: 'mailer' }, 3)), 0);
  });

  test('takes the cause for the culprit where no code is to blame', () => {
    const log = createStallLog('json');
    const { culprit, ...blameless } = long;
    assert.equal(leftOutOf(log({ ...blameless, cause: 'gc' }, 0)), 0);
    assert.equal(leftOutOf(log({ ...blameless, cause: 'descheduled' }, 1)), 0);
    assert.equal(leftOutOf(log({ ...blameless, cause: 'gc' }, 2)), undefined);
  });

  test('forgets the oldest culprit when there are more than a thousand', () => {
    const log = createStallLog('json');
    const of = (index: number) => ({ ...long, thread: `thread ${index}` });
    for (let index = 0; index <= 1000; index++) log(of(index), 0);
    assert.equal(leftOutOf(log(of(1000), 1)), undefined);
    assert.equal(leftOutOf(log(of(0), 1)), 0);
  });
});

describe('a log on a terminal', () => {
  test('has every stall as a sentence, a culprit that stalls all the time once in a second', () => {
    const log = createStallLog('text');
    assert.equal(log(report(), 0), 'loopsight: event loop blocked 412 ms by parseInvoice (src/invoice.ts:42)');
    assert.equal(log(report(), 500), undefined);
    assert.match(log(other, 600) ?? '', /render/);
    assert.equal(
      log(report({ durationMs: 101 }), 1000),
      'loopsight: event loop blocked 101 ms by parseInvoice (src/invoice.ts:42) (1 more of it left out)',
    );
  });
});

test('a log that is off has nothing, and what a debugger holds is in none', () => {
  assert.equal(createStallLog('off')(long, 0), undefined);
  for (const format of ['json', 'text'] as const) {
    assert.equal(createStallLog(format)(report({ durationMs: 5000, cause: 'debugger' }), 0), undefined);
  }
});
