// What is traced stays what it was: each callable behaves alone as it does traced.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inspect, types } from 'node:util';
import vm from 'node:vm';
import { traced } from '../../src/traced.js';
import { startHarness } from './harness.js';

const harness = startHarness();
after(() => harness.stop());

type Callable = (...args: unknown[]) => unknown;

const thrown = Object.freeze(new RangeError('no such host'));
const withProperties = Object.assign((x: unknown) => x, { version: 3, [Symbol.for('tag')]: 'yes' });
Object.defineProperty(withProperties, 'hidden', { get: () => 'seen', configurable: true });
function Legacy(this: { host: unknown }, host: unknown): void {
  this.host = host;
}
Legacy.prototype.describe = () => 'legacy';

const CALLABLES: readonly (readonly [name: string, make: () => Callable])[] = [
  [
    'sync',
    () =>
      function add(a, b) {
        return [a, b];
      },
  ],
  [
    'arrow',
    () =>
      (a, ...rest) => [a, rest.length],
  ],
  [
    'anonymous',
    () =>
      (
        () => (a) =>
          a
      )(),
  ],
  [
    'default parameters',
    () =>
      function some(a = 1, _b = 2) {
        return a;
      },
  ],
  [
    'this in strict code',
    () =>
      function self(this: unknown) {
        return this;
      },
  ],
  ['this in sloppy code', () => vm.runInThisContext('(function () { return typeof this })')],
  [
    'no arguments object lost',
    () =>
      function count() {
        // biome-ignore lint/complexity/noArguments: it is what is looked at.
        return arguments.length;
      },
  ],
  ['async', () => async (a) => a],
  [
    'async that rejects',
    () => async () => {
      throw thrown;
    },
  ],
  ['returning a promise', () => (a) => Promise.resolve(a)],
  ['returning a rejected promise', () => () => Promise.reject(thrown)],
  ['promise of another realm', () => (a) => vm.runInNewContext('Promise').resolve(a)],
  [
    'throwing an error',
    () => () => {
      throw thrown;
    },
  ],
  [
    'throwing undefined',
    () => () => {
      throw undefined;
    },
  ],
  [
    'throwing text',
    () => () => {
      throw 'text';
    },
  ],
  [
    'generator',
    () =>
      function* (a) {
        const b: unknown = yield a;
        yield b;
        return 'end';
      },
  ],
  [
    'generator that throws',
    () =>
      function* (a) {
        yield a;
        throw thrown;
      },
  ],
  [
    'generator with throwing defaults',
    () =>
      function* (
        _a = (() => {
          throw thrown;
        })(),
      ) {
        yield 1;
      },
  ],
  [
    'async generator',
    () =>
      async function* (a) {
        yield a;
        return 'end';
      },
  ],
  [
    'async generator that throws',
    () =>
      async function* (a) {
        yield a;
        throw thrown;
      },
  ],
  [
    'bound',
    () =>
      function who(this: unknown, b: unknown) {
        return [this, b];
      }.bind('bound'),
  ],
  [
    'bound generator',
    () =>
      function* (this: unknown) {
        yield this;
      }.bind('bound'),
  ],
  ['frozen', () => Object.freeze((a: unknown) => a)],
  ['own properties', () => withProperties],
  ['constructor function', () => Legacy as unknown as Callable],
  [
    'method',
    () =>
      ({
        run(a: unknown) {
          return a;
        },
      }).run,
  ],
  ['native', () => Math.max as Callable],
  ['own toString', () => Object.assign(() => 1, { toString: () => 'mine' })],
];

async function outcomeOf(run: () => unknown): Promise<unknown> {
  try {
    const result = run();
    if (types.isPromise(result)) return ['promise', await result];
    if (!types.isGeneratorObject(result)) return ['value', result];
    const steps: unknown[] = [Object.prototype.toString.call(result)];
    for (const sent of ['x', 'y', 'z', 'after']) {
      try {
        steps.push(await (result as Generator).next(sent));
      } catch (error) {
        steps.push(['threw', error]);
      }
    }
    return steps;
  } catch (error) {
    return ['threw', error];
  }
}

const shapeOf = (fn: Callable) => ({
  name: fn.name,
  length: fn.length,
  text: `${fn}`,
  keys: Reflect.ownKeys(fn),
  descriptors: inspect(Object.getOwnPropertyDescriptors(fn)),
  prototype: Object.getPrototypeOf(fn),
  ownPrototype: fn.prototype,
  tag: Object.prototype.toString.call(fn),
  frozen: Object.isFrozen(fn),
  isFunction: fn instanceof Function,
  constructible: isConstructible(fn),
});

function isConstructible(fn: Callable): boolean {
  try {
    Reflect.construct(Object, [], fn);
    return true;
  } catch {
    return false;
  }
}

for (const [name, make] of CALLABLES) {
  test(`${name}: looks and behaves as it does alone`, async () => {
    const fn = make();
    const wrapped = traced(`callable ${name}`, fn);
    assert.notEqual(wrapped, fn);
    assert.deepEqual(shapeOf(wrapped), shapeOf(fn));
    const self = { me: true };
    for (const args of [[], [1], [{ a: 1 }, 'b', undefined]]) {
      const alone = await outcomeOf(() => Reflect.apply(fn, self, args));
      assert.deepEqual(await outcomeOf(() => Reflect.apply(wrapped, self, args)), alone);
    }
    harness.spans();
    assert.equal(harness.active(`callable ${name}`), 0, 'no call is left in flight');
    const total = Object.entries(harness.metrics())
      .filter(([key]) => key.startsWith('loopsight.function.duration.count') && key.includes(`=callable ${name}`))
      .reduce((sum, [, count]) => sum + count, 0);
    assert.equal(total, 3, 'each call is counted');
  });
}

test('the very same value is thrown', () => {
  assert.throws(
    traced(() => {
      throw thrown;
    }),
    (error) => error === thrown,
  );
});

test('a constructor function constructs through, and subclasses of it do', () => {
  const Wrapped = traced(Legacy) as unknown as new (host: string) => { host: string; describe(): string };
  assert.deepEqual({ ...new Wrapped('a') }, { host: 'a' });
  assert.ok(new Wrapped('a') instanceof Wrapped);
  assert.ok(new Wrapped('a') instanceof (Legacy as unknown as typeof Wrapped));
  class Sub extends Wrapped {}
  assert.equal(new Sub('b').describe(), 'legacy');
  assert.ok(new Sub('b') instanceof Sub);
});

test('new.target is the function itself', () => {
  const Target = function (this: { is: boolean }) {
    this.is = (new.target as unknown) === Target;
  } as unknown as new () => { is: boolean };
  assert.equal(new (traced(Target))().is, true);
});

test('a class is traced in place', () => {
  class Hosts {
    static #count = 2;
    #name = 'web';
    static all() {
      // biome-ignore lint/complexity/noThisInStatic: private static members want the class itself.
      return this.#count;
    }
    name() {
      return this.#name;
    }
  }
  assert.equal(traced(Hosts), Hosts);
  harness.spans();
  assert.equal(Hosts.all(), 2);
  assert.equal(new Hosts().name(), 'web');
  assert.deepEqual(
    harness.spans().map((span) => span.name),
    ['Hosts.all', 'Hosts.name'],
  );
});

test('own properties are live in both directions', () => {
  const counter = Object.assign(
    () => {
      counter.calls++;
    },
    { calls: 0 },
  );
  const wrapped = traced(counter);
  wrapped();
  assert.equal(wrapped.calls, 1);
  wrapped.calls = 10;
  assert.equal(counter.calls, 10);
});

test('a traced function is not wrapped again', () => {
  const once = traced('once', () => 1);
  assert.equal(traced('twice', once), once);
  assert.equal(traced(once), once);
  const bound = once.bind(undefined);
  assert.notEqual(traced('bound', bound), bound);
});

test('a generator keeps the prototype of its function', () => {
  const wrapped = traced(function* walk() {
    yield 1;
  });
  assert.ok(wrapped() instanceof wrapped);
  assert.ok(types.isGeneratorObject(wrapped()));
});

// reflect-metadata finds metadata by function, then by the prototypes of the function; this follows its rules.
test('metadata that a framework keeps by function is found, set earlier and later', (t) => {
  const kept = new WeakMap<object, Map<string, unknown>>();
  const define = (key: string, value: unknown, target: object) => {
    const own = kept.get(target) ?? new Map<string, unknown>();
    kept.set(target, own.set(key, value));
  };
  const get = (key: string, target: object | null): unknown => {
    if (target === null) return undefined;
    const own = kept.get(target);
    return own?.has(key) ? own.get(key) : get(key, Object.getPrototypeOf(target));
  };
  Reflect.set(Reflect, 'getOwnMetadataKeys', (target: object) => [...(kept.get(target)?.keys() ?? [])]);
  t.after(() => Reflect.deleteProperty(Reflect, 'getOwnMetadataKeys'));

  const original = () => 1;
  define('path', '/earlier', original);
  const wrapped = traced(original);
  assert.equal(get('path', wrapped), '/earlier');
  define('guards', ['later'], original);
  assert.deepEqual(get('guards', wrapped), ['later']);
  define('path', '/own', wrapped);
  assert.equal(get('path', wrapped), '/own');
  assert.ok(wrapped instanceof Function);
  assert.equal(get('path', traced(Object.freeze(() => 2))), undefined);
});
