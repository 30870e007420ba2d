// What a window keeps of the calls and the work that it follows is bounded, however long it is open.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OpenCall } from '../../../instrumentations/traced/time/measured-call.js';
import { createOffloads } from '../../../instrumentations/traced/time/offloads.js';
import { openWindow } from '../../../instrumentations/traced/time/window.js';
import type { MeasuredCall } from '../../../src/call-times.js';
import { systemClock } from '../../../src/clock.js';
import { rethrow } from '../../support/read-store.js';

const nowMs = () => systemClock.monotonicMs();
const CALL = { functionName: 'bounded', livePlace: -1, cut() {} };

function open() {
  return openWindow({
    nowMs,
    idLimit: 1 << 20,
    budgetMs: Number.POSITIVE_INFINITY,
    hasPlaces: false,
    report: rethrow,
    onCall() {},
    onClose() {},
  });
}

/** How many calls are reached from `call`. */
function around(call: MeasuredCall | undefined): number {
  let calls = 0;
  for (let one = call?.parent; one !== undefined; one = one.parent) calls++;
  return calls;
}

test('calls that each begin the next one and end do not stay', () => {
  const window = open();
  let call = window.begin(CALL);
  call?.enter();
  for (let i = 0; i < 1000; i++) {
    const next = window.begin(CALL);
    call?.leave();
    call?.end(nowMs());
    next?.enter();
    call = next;
  }
  call?.leave();
  assert.ok(around(call) <= 1, `${around(call)} calls are kept`);
  window.close();
});

test('the same where one around them goes on, whose own time all of it is', () => {
  const window = open();
  const outer = window.begin(CALL);
  outer?.enter();
  let call = window.begin(CALL);
  call?.enter();
  for (let i = 0; i < 1000; i++) {
    const next = window.begin(CALL);
    call?.leave();
    call?.end(nowMs());
    next?.enter();
    call = next;
  }
  const before = outer?.ownMs ?? Number.NaN;
  const untilMs = nowMs() + 2;
  while (nowMs() < untilMs);
  call?.leave();
  assert.ok(around(call) <= 2, `${around(call)} calls are kept`);
  assert.ok((outer?.ownMs ?? Number.NaN) - before >= 1.9, 'what the last one does is still that of the outer one');
  window.close();
});

test('jobs of which only the end would show that they were work are not kept for ever', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const measuring = { enter() {}, leave() {}, end() {}, tell() {} };
  const offloads = createOffloads(nowMs);
  const calls: WeakRef<OpenCall>[] = [];
  for (let id = 1; id <= 5000; id++) {
    const call = new OpenCall(measuring, CALL, undefined, id);
    calls.push(new WeakRef(call));
    offloads.made(id, 'RANDOMBYTESREQUEST', {}, call);
  }
  offloads.settle(nowMs());
  const last = calls.at(-1)?.deref();
  await new Promise<void>((resolve) => setImmediate(resolve));
  collect();
  const kept = calls.filter((call) => call.deref() !== undefined).length;
  assert.ok(kept <= 1100, `${kept} calls are kept`);
  const untilMs = nowMs() + 1;
  while (nowMs() < untilMs);
  offloads.before(5000);
  assert.ok((last?.offloadedMs ?? 0) >= 1, 'the newest ones count');
});

test('synchronous calls of cryptography are no work for others', () => {
  const window = open();
  const call = window.begin(CALL);
  call?.enter();
  for (let i = 0; i < 3000; i++) randomBytes(16);
  call?.leave();
  call?.end(nowMs());
  assert.equal(call?.offloadedMs, 0);
  window.close();
});

/** How many calls are measured before the budget is spent, each of them inside of `depth` others at most. */
function callsWithin(depth: number): number {
  // By this clock nothing takes any time, so that a resource costs the least that is assumed.
  const window = openWindow({
    nowMs: () => 0,
    idLimit: 1 << 20,
    budgetMs: 0.5,
    hasPlaces: false,
    report: rethrow,
    onCall() {},
    onClose() {},
  });
  let calls = 0;
  function down(left: number): boolean {
    const call = window.begin(CALL);
    if (call === undefined) return false;
    calls++;
    call.enter();
    const isMore = left === 0 || down(left - 1);
    call.leave();
    call.end(0);
    return isMore;
  }
  while (down(depth));
  window.close();
  return calls;
}

test('a deep recursion, each call of which is charged to all around it, spends the budget sooner', () => {
  const [flat, deep] = [callsWithin(0), callsWithin(400)];
  assert.ok(flat > 1000 && deep > 100 && deep < flat / 3, `${flat} and ${deep} calls`);
});
