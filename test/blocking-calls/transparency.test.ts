// A wrapped function stays what it was, for everybody who looks at it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { withGuard } from '../../instrumentations/blocking-calls/throwing/guards.js';
import { createTally } from '../../src/stalls/loop/call-tally.js';
import {
  type AnyFunction,
  type CallTiming,
  withCheckpoint,
  withTiming,
  withUnboundCheckpoint,
} from '../../src/stalls/loop/checkpoint.js';

const nothing = () => assert.fail('nothing was long');
const timing: CallTiming = { depth: 0, longMs: 10, now: () => 0, onLong: nothing, onSample: nothing };
const capturing = new Int32Array(new SharedArrayBuffer(4));

const WRAPPERS: Readonly<Record<string, (original: AnyFunction) => AnyFunction>> = {
  withCheckpoint: (original) => withCheckpoint(original, capturing),
  withTiming: (original) => withTiming(original, { tally: createTally('a.call'), capturing, timing }),
  withGuard: (original) => withGuard(original, 'a.call', () => {}),
};

class Failure extends Error {}
const failure = new Failure('as it was');
const promise = Promise.resolve(1);
const own = Symbol('own');

const FUNCTIONS: Readonly<Record<string, AnyFunction>> = {
  plain: function plain(this: unknown, a: unknown, b: unknown, ...rest: unknown[]) {
    return [this, a, b, rest];
  } as AnyFunction,
  arrow: ((...args: unknown[]) => args.length) as AnyFunction,
  native: Array.prototype.slice as AnyFunction,
  nameless: (
    () => () =>
      'nobody'
  )() as AnyFunction,
  throwing() {
    throw failure;
  },
  throwsNothing() {
    throw undefined;
  },
  async: () => promise,
  ...{ 'a name with spaces': () => undefined },
  withProperties: Object.assign(() => undefined, {
    native: () => 'other',
    [own]: 1,
    [promisify.custom]: () => promise,
  }),
  withGetter: Object.defineProperty(() => undefined, 'state', { get: () => 'now', enumerable: false }),
  withPrototype: Object.setPrototypeOf(() => undefined, Object.create(Function.prototype, { inherited: { value: 1 } })),
  frozen: Object.freeze(() => 'cold'),
};

const CALLS: readonly { readonly self: unknown; readonly args: readonly unknown[] }[] = [
  { self: undefined, args: [] },
  { self: null, args: [undefined] },
  { self: [1, 2, 3], args: [1] },
  { self: { name: 'holder' }, args: [1, 'two', Symbol.iterator, {}] },
];

const outcome = (call: AnyFunction, self: unknown, args: readonly unknown[]) => {
  try {
    return { returned: Reflect.apply(call, self, args) };
  } catch (thrown) {
    return { thrown };
  }
};

for (const [kind, wrap] of Object.entries(WRAPPERS)) {
  for (const [name, original] of Object.entries(FUNCTIONS)) {
    for (const waiting of [0, 1]) {
      test(`${kind} leaves a function as it is: ${name}, ${waiting} captures waiting`, () => {
        const wrapper = wrap(original);
        assert.notEqual(wrapper, original);
        capturing[0] = waiting;
        for (const { self, args } of CALLS) {
          assert.deepEqual(outcome(wrapper, self, args), outcome(original, self, args));
        }
        capturing[0] = 0;
        assert.deepEqual(Object.getOwnPropertyDescriptors(wrapper), Object.getOwnPropertyDescriptors(original));
        assert.equal(Object.getPrototypeOf(wrapper), Object.getPrototypeOf(original));
        assert.equal(timing.depth, 0);
      });
    }
  }

  test(`${kind} returns the same promise and throws the same error`, () => {
    assert.equal(wrap(FUNCTIONS.async as AnyFunction)(), promise);
    assert.throws(
      () => wrap(FUNCTIONS.throwing as AnyFunction)(),
      (error) => error === failure,
    );
  });

  test(`${kind} makes no constructor of what is none`, () => {
    assert.throws(() => Reflect.construct(wrap(Math.max as AnyFunction), []), TypeError);
  });
}

test('native functions without `this` still say that they are native', () => {
  const wrapper = withUnboundCheckpoint(JSON.parse as AnyFunction, capturing);
  assert.match(Function.prototype.toString.call(wrapper), /^function \w*\(\) \{ \[native code\] \}$/);
  assert.deepEqual(Object.getOwnPropertyDescriptors(wrapper), Object.getOwnPropertyDescriptors(JSON.parse));
  assert.deepEqual(Reflect.apply(wrapper, JSON, ['[1]', (_: string, value: unknown) => value]), [1]);
  assert.throws(() => Reflect.apply(wrapper, JSON, ['{']), SyntaxError);
  assert.throws(() => Reflect.construct(wrapper, ['1']), TypeError);
});
