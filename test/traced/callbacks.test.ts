// Functions with an error-first callback last.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { promisify } from 'node:util';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { traced } from '../../src/traced.js';
import { startHarness, withoutTimes } from './harness.js';

const harness = startHarness();
after(() => harness.stop());
beforeEach(() => void harness.spans());

type Callback = (error: unknown, value?: unknown) => unknown;

test('the call ends with its callback, which gets everything as it was', async () => {
  const self = { me: true };
  let fire: (() => unknown) | undefined;
  const read = traced(
    { name: 'read', callback: true, onResult: (value) => ({ value: String(value) }) },
    function (this: unknown, path: string, done: Callback) {
      assert.equal(this, self);
      assert.equal(done.name, 'done');
      assert.equal(done.length, 2);
      fire = () => done.call('cb this', null, path);
      return 'returned';
    },
  );
  const seen: unknown[] = [];
  const outer = traced('outer', () => {
    const inOuter = trace.getActiveSpan();
    const returned = read.call(self, 'a.txt', function done(this: unknown, error: unknown, value: unknown) {
      seen.push(this, error, value, trace.getActiveSpan() === inOuter);
      return 'from callback';
    });
    assert.equal(returned, 'returned');
  });
  outer();
  assert.equal(harness.active('read'), 1);
  assert.equal(fire?.(), 'from callback');
  assert.equal(harness.active('read'), 0);
  fire?.();
  assert.deepEqual(seen, ['cb this', null, 'a.txt', true, 'cb this', null, 'a.txt', true]);
  assert.equal(harness.count('read'), 1);
  const [, span] = harness.spans();
  assert.deepEqual(withoutTimes(span), { 'code.function.name': 'read', value: 'a.txt' });
});

test('an error in first place is the error of the call', () => {
  const fail = traced({ name: 'fail', callback: true }, (done: Callback) => done(new RangeError('no')));
  let got: unknown;
  fail((error) => {
    got = error;
  });
  assert.ok(got instanceof RangeError);
  const [span] = harness.spans();
  assert.equal(span?.status.code, SpanStatusCode.ERROR);
  assert.equal(harness.count('fail', 'RangeError'), 1);
});

test('a throw before the callback is the error of the call', () => {
  const error = new TypeError('at once');
  const fail = traced({ name: 'throws', callback: true }, (_done: Callback) => {
    throw error;
  });
  assert.throws(
    () => fail(() => {}),
    (thrown) => thrown === error,
  );
  assert.equal(harness.count('throws', 'TypeError'), 1);
});

test('without a callback it is a call as any other', async () => {
  const both = traced({ name: 'both', callback: true }, async (value: unknown, _done?: Callback) => value);
  assert.equal(await both(3), 3);
  assert.equal(harness.count('both'), 1);
});

test('it can be promisified', async () => {
  const load = traced(
    { name: 'load', callback: true },
    (key: string, done: (error: Error | null, value: string) => void) => {
      setImmediate(done, null, key);
    },
  );
  assert.equal(await promisify(load)('x'), 'x');
  assert.equal(harness.count('load'), 1);
});
