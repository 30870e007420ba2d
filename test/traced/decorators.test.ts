// One text, compiled in both ways: as TC39 decorators and with `experimentalDecorators`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { transformSync } from 'esbuild';
import { Traced } from '../../src/traced.js';
import { startHarness } from './harness.js';

const harness = startHarness();
after(() => harness.stop());
beforeEach(() => void harness.spans());
const names = () => harness.spans().map((span) => span.name);

// biome-ignore lint/suspicious/noExplicitAny: the classes come from text.
type Loaded = any;

function load(source: string, experimentalDecorators: boolean): Loaded {
  const { code } = transformSync(source, {
    loader: 'ts',
    target: 'node20',
    keepNames: true,
    tsconfigRaw: { compilerOptions: { experimentalDecorators } },
  });
  return new Function('Traced', code)(Traced);
}

const BOTH = `
  class Base {
    @Traced() greet(name) { return 'hello ' + name; }
    @Traced() async later() { await null; return this.constructor.name; }
    @Traced() plain() { return 'base'; }
    @Traced() *walk() { yield 1; yield this; }
    @Traced('given') named() {}
    @Traced({ name: 'optioned', callback: true }) load(done) { done(null, 1); }
    @Traced() static create() { return new this(); }
    @Traced() get size() { return 3; }
    @Traced() [Symbol.for('key')]() { return 'symbol'; }
    @Traced() fails() { throw new RangeError('no'); }
  }
  class Sub extends Base {
    greet(name) { return super.greet(name) + '!'; }
    @Traced() plain() { return 'sub of ' + super.plain(); }
    static create() { return super.create(); }
  }
  @Traced()
  class Whole {
    static #made = 0;
    static make() { Whole.#made++; return new Whole(); }
    static made() { return this.#made; }
    static Model = class {};
    #host = 'web';
    constructor() { this.log = ['constructed']; }
    restart() { return this.#host; }
    get host() { return this.#host; }
    [Symbol.iterator]() { return [][Symbol.iterator](); }
    @Traced('own name') named() {}
    bound = () => this.restart();
  }
  @Traced('Renamed')
  class Other { run() {} }
  const outer = (target, key, descriptor) => {
    const wrap = (fn) => function (...args) { return fn.apply(this, args); };
    if (descriptor === undefined) return wrap(target);
    descriptor.value = wrap(descriptor.value);
    return descriptor;
  };
  class Stacked { @outer @Traced() run() { return this.constructor.name; } }
  return { Base, Sub, Whole, Other, Stacked };
`;

for (const [flavour, legacy] of [
  ['TC39', false],
  ['legacy', true],
] as const) {
  describe(flavour, () => {
    const { Base, Sub, Whole, Other, Stacked } = load(BOTH, legacy);

    test('methods keep this, arguments, results, name, length and place', async () => {
      const base = new Base();
      assert.equal(base.greet('you'), 'hello you');
      assert.equal(await base.later(), 'Base');
      assert.deepEqual([...base.walk()], [1, base]);
      assert.throws(() => base.fails(), RangeError);
      assert.equal(base.greet.name, 'greet');
      assert.equal(base.greet.length, 1);
      assert.deepEqual(Object.keys(Base.prototype), []);
      assert.deepEqual(names(), ['Base.greet', 'Base.later', 'Base.walk', 'Base.fails']);
      assert.equal(harness.count('Base.fails', 'RangeError') >= 1, true);
    });

    test('names and options', () => {
      const base = new Base();
      base.named();
      base.load(() => {});
      assert.equal(base.size, 3);
      assert.equal(base[Symbol.for('key')](), 'symbol');
      assert.deepEqual(names(), ['given', 'optioned', 'Base.size', 'Base.[key]']);
    });

    test('static methods, and inherited ones, have the name of the class that has them', () => {
      assert.ok(Base.create() instanceof Base);
      assert.ok(Sub.create() instanceof Sub);
      assert.deepEqual(names(), ['Base.create', 'Base.create']);
    });

    test('super calls and overrides', () => {
      const sub = new Sub();
      assert.equal(sub.greet('you'), 'hello you!');
      assert.deepEqual(names(), ['Base.greet']);
      assert.equal(sub.plain(), 'sub of base');
      assert.deepEqual(names().sort(), ['Base.plain', 'Sub.plain']);
    });

    test('a whole class: its methods and static methods, nothing else', () => {
      const whole = Whole.make();
      assert.ok(whole instanceof Whole);
      assert.equal(whole.constructor, Whole);
      assert.deepEqual(whole.log, ['constructed']);
      assert.equal(whole.restart(), 'web');
      assert.equal(whole.host, 'web');
      assert.equal(whole.bound(), 'web');
      assert.deepEqual([...whole], []);
      assert.ok(new Whole.Model());
      assert.equal(Whole.made(), 1);
      whole.named();
      assert.deepEqual(names(), ['Whole.make', 'Whole.restart', 'Whole.restart', 'Whole.made', 'own name']);
      assert.equal(Whole.name, 'Whole');
    });

    test('a name on a class stands before its methods', () => {
      new Other().run();
      assert.deepEqual(names(), ['Renamed.run']);
    });

    test('below another decorator', () => {
      assert.equal(new Stacked().run(), 'Stacked');
      assert.deepEqual(names(), ['Stacked.run']);
    });

    test('a method that is called without its object', () => {
      const { greet } = load(BOTH, legacy).Base.prototype;
      assert.equal(greet('you'), 'hello you');
      assert.deepEqual(names(), [legacy ? 'Base.greet' : 'greet']);
    });
  });
}

test('TC39 only: private methods and fields that hold functions', () => {
  const { Secret, Sub } = load(
    `class Secret {
       #base = 1;
       @Traced() #hidden(by) { return this.#base + by; }
       @Traced() static #shared() { return this.name; }
       @Traced() field = (by) => this.#base + by;
       @Traced('named field') other = () => this;
       @Traced() text = 'untouched';
       run() { return this.#hidden(2); }
       static run() { return Secret.#shared(); }
     }
     class Sub extends Secret {}
     return { Secret, Sub };`,
    false,
  );
  const secret = new Secret();
  assert.equal(secret.run(), 3);
  assert.equal(Secret.run(), 'Secret');
  assert.equal(secret.field(4), 5);
  assert.equal(secret.other(), secret);
  assert.equal(secret.text, 'untouched');
  new Secret().field(1);
  new Sub().field(1);
  assert.deepEqual(names(), [
    'Secret.#hidden',
    'Secret.#shared',
    'Secret.field',
    'named field',
    'Secret.field',
    'Sub.field',
  ]);
});

test('legacy only: a property without a value is refused', () => {
  assert.throws(() => load('class A { @Traced() field = () => 1 }; return A', true), /the place of @Traced/);
});

test('the types fit both compilers', () => {
  const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
  const fixture = join(import.meta.dirname, 'fixtures', 'types.ts');
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--types',
    'node',
  ];
  for (const flags of [[], ['--experimentalDecorators'], ['--experimentalDecorators', '--emitDecoratorMetadata']]) {
    const { stdout, status } = spawnSync(process.execPath, [tsc, '--ignoreConfig', ...options, ...flags, fixture], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout);
  }
});
