// Misuse is met where the function is made, with name, bound and value.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Traced, traced, traceMethods } from '../../src/traced.js';

const call: (...args: unknown[]) => unknown = traced as never;
const decorate: (...args: unknown[]) => (...args: unknown[]) => unknown = Traced as never;
const methods: (...args: unknown[]) => unknown = traceMethods as never;
const fn = () => 1;

const MISUSES: readonly (readonly [what: string, run: () => unknown, message: RegExp])[] = [
  ['no function', () => call(), /Expected `fn` to be a function, got `undefined`/],
  ['name without a function', () => call('x'), /Expected `fn` to be a function, got "x" \(string\)/],
  ['number as function', () => call('x', 5), /Expected `fn` to be a function, got `5` \(number\)/],
  ['empty name', () => call('', fn), /Expected `name` to be a string that is not empty, got "" \(string\)/],
  [
    'number as options',
    () => call(5, fn),
    /Expected `options` to be a name or an object of options, got `5` \(number\)/,
  ],
  ['array as options', () => call([], fn), /Expected `options` to be a name or an object of options, got an array/],
  ['null as options', () => call(null, fn), /Expected `options` to be .*, got `null`/],
  ['unknown option', () => call({ nme: 'x' }, fn), /Expected `options` to be an object with keys among name, .*"nme"/],
  ['name of a wrong type', () => call({ name: 5 }, fn), /Expected `name` to be .*, got `5` \(number\)/],
  [
    'kind out of range',
    () => call({ kind: 9 }, fn),
    /Expected `kind` to be a SpanKind from 0 to 4, got `9` \(number\)/,
  ],
  ['kind NaN', () => call({ kind: Number.NaN }, fn), /Expected `kind` to be .*, got `NaN`/],
  [
    'callback of a wrong type',
    () => call({ callback: 'yes' }, fn),
    /Expected `callback` to be .*, got "yes" \(string\)/,
  ],
  ['onCall of a wrong type', () => call({ onCall: {} }, fn), /Expected `onCall` to be a function, got an object/],
  ['onResult of a wrong type', () => call({ onResult: 1 }, fn), /Expected `onResult` to be a function, got `1`/],
  ['decorator without parentheses', () => decorate(fn, { kind: 'method' }), /with parentheses/],
  ['legacy decorator without parentheses', () => decorate(class {}), /with parentheses/],
  ['decorator with bad options', () => decorate(7), /Expected `options` to be .*, got `7`/],
  [
    'legacy decorator on a property',
    () => decorate()({}, 'field'),
    /Expected `the place of @Traced` .*"a property field"/,
  ],
  ['legacy decorator on a parameter', () => decorate()({}, 'm', 0), /Expected `the place of @Traced` .*"a parameter"/],
  [
    'decorator on an accessor',
    () => decorate()({}, { kind: 'accessor', name: 'x' }),
    /Expected `the place of @Traced` .*"accessor"/,
  ],
  ['methods of nothing', () => methods(null), /Expected `object` to be an object or a class, got `null`/],
  ['names that are no array', () => methods({}, 'run'), /Expected `names` to be an array of method names, got "run"/],
  ['a name that is missing', () => methods({}, ['run']), /Expected `names\[0\]` to be .*, got "run" \(string\)/],
  [
    'a name that is no method',
    () => methods({ fn, run: 1 }, ['fn', 'run']),
    /Expected `names\[1\]` to be .*, got "run"/,
  ],
  ['a frozen object', () => methods(Object.freeze({ fn }), ['fn']), /Expected `names\[0\]` to be/],
];

for (const [what, run, message] of MISUSES) {
  test(`misuse: ${what}`, () => {
    assert.throws(run, (error) => error instanceof TypeError && message.test(error.message));
  });
}

test('nothing is wrapped when one name of several is wrong', () => {
  const object = { fn, run: 1 };
  assert.throws(() => methods(object, ['fn', 'run']));
  assert.equal(object.fn, fn);
});
