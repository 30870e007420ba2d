import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CdpConnection } from '../../src/cdp/connection.js';
import { startArrivals, waitOf } from '../../src/top/arrivals.js';

const answer = (...ms: readonly number[]) => ({
  result: { value: ms.map((each) => [Math.trunc(each / 1000), (each % 1000) * 1e6]) },
});

describe('the wait of a callback that arrives from outside', () => {
  const CASES: readonly (readonly [what: string, answer: unknown, wait: number | undefined])[] = [
    ['begins when it is sent', answer(5002, 5040), 40],
    ['has a native call before its arrival in it', answer(5090, 5091), 91],
    ['is that of the clock over there where it is another one', answer(900_000, 900_030), 30],
    ['is none where the clock goes backwards', answer(5050, 5040), undefined],
    ['is none without an answer', { exceptionDetails: {} }, undefined],
    ['is none of what is no time', { result: { value: [['a', 1], null] } }, undefined],
  ];
  for (const [what, given, wait] of CASES) {
    it(what, () => {
      const measured = waitOf(given, 5000, 5100);
      assert.equal(measured === undefined ? undefined : Math.round(measured), wait);
    });
  }
});

// Answers only when it is told to.
function heldConnection() {
  const waiting: ((value: unknown) => void)[] = [];
  const connection: CdpConnection = {
    post: () => new Promise((resolve) => waiting.push(resolve)),
    on: () => () => {},
    closed: new Promise(() => {}),
    close: () => {},
  };
  return { connection, waiting };
}

describe('arrivals', () => {
  it('count the one that still waits, which grows', async () => {
    let nowMs = 1000;
    const clock = { monotonicMs: () => nowMs, unixMs: () => 0 };
    const { connection, waiting } = heldConnection();
    const probe = startArrivals(connection, clock, () => 0);
    nowMs = 1700;
    assert.deepEqual(probe.read(), { lagMs: 700, worstLagMs: 700, waitingMs: 700 });
    nowMs = 2500;
    assert.equal(probe.read().waitingMs, 1500);
    nowMs = 2600;
    waiting.shift()?.(answer(1001, 2600));
    await new Promise(setImmediate);
    const { worstLagMs } = probe.read();
    assert.equal(Math.round(worstLagMs ?? 0), 1600);
    probe.stop();
  });

  it('are not known while none has arrived', () => {
    const { connection } = heldConnection();
    const probe = startArrivals(connection, { monotonicMs: () => 5, unixMs: () => 0 }, () => 0);
    assert.deepEqual(probe.read(), { lagMs: undefined, worstLagMs: undefined, waitingMs: 0 });
    probe.stop();
  });
});
