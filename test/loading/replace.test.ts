// What a replaced function looks like, and that it is put back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disguise, replaceAccessor, replaceMethod, undoAll } from '../../src/loading/replace.js';

function fixture() {
  const run = Object.assign(function run(_first: unknown, _second: unknown) {}, { extra: 1 });
  class Thing {
    get size(): number {
      return 1;
    }
    set size(_value: number) {}
    run(): void {}
  }
  return { holder: { run }, Thing };
}

test('a replaced method keeps name, length, own properties and the attributes of its property', () => {
  const { Thing } = fixture();
  const before = Object.getOwnPropertyDescriptor(Thing.prototype, 'run');
  const undo = replaceMethod(
    Thing.prototype,
    'run',
    (run) =>
      (...args) =>
        run(...args),
  );
  const during = Object.getOwnPropertyDescriptor(Thing.prototype, 'run');
  assert.notEqual(during?.value, before?.value);
  assert.deepEqual({ ...during, value: 0 }, { ...before, value: 0 });
  undo();
  undo();
  assert.deepEqual(Object.getOwnPropertyDescriptor(Thing.prototype, 'run'), before);
});

test('a disguised function', () => {
  const { run } = fixture().holder;
  const wrapper = disguise(() => {}, run) as unknown as typeof run;
  assert.deepEqual([wrapper.name, wrapper.length, wrapper.extra], ['run', 2, 1]);
  assert.equal(Object.getPrototypeOf(wrapper), Object.getPrototypeOf(run));
});

test('one side of an accessor', () => {
  const { Thing } = fixture();
  const before = Object.getOwnPropertyDescriptor(Thing.prototype, 'size');
  const undo = replaceAccessor(
    Thing.prototype,
    'size',
    'set',
    (set) =>
      function (this: unknown, value) {
        set.call(this, value);
      },
  );
  const during = Object.getOwnPropertyDescriptor(Thing.prototype, 'size');
  assert.equal(during?.get, before?.get);
  assert.notEqual(during?.set, before?.set);
  assert.equal(during?.set?.name, 'set size');
  undo();
  assert.deepEqual(Object.getOwnPropertyDescriptor(Thing.prototype, 'size'), before);
});

test('somebody who wrapped it after us keeps what they have', () => {
  const { holder } = fixture();
  const undo = replaceMethod(
    holder,
    'run',
    (run) =>
      (...args) =>
        run(...args),
  );
  const theirs = Object.assign(() => {}, { extra: 1 });
  holder.run = theirs;
  undo();
  assert.equal(holder.run, theirs);
});

test('what is no method, or is frozen, is said', () => {
  const { holder, Thing } = fixture();
  assert.throws(() => replaceMethod(holder, 'walk', (walk) => walk), new TypeError('Expected `walk` to be a method'));
  assert.throws(() => replaceMethod(new Thing(), 'run', (run) => run), TypeError);
  assert.throws(() => replaceMethod(Object.freeze(holder), 'run', (run) => () => run()), TypeError);
});

test('every undo runs, last first', () => {
  const ran: number[] = [];
  undoAll([
    () => ran.push(1),
    () => {
      throw new Error('frozen');
    },
    () => ran.push(3),
  ]);
  assert.deepEqual(ran, [3, 1]);
});
