// traceMethods: classes, instances, plain objects, and the way back.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { traced, traceMethods } from '../../src/traced.js';
import { startHarness } from './harness.js';

const harness = startHarness();
after(() => harness.stop());
beforeEach(() => void harness.spans());
const names = () => harness.spans().map((span) => span.name);

const KEY = Symbol('key');
function makeClass() {
  class Base {
    inherited() {
      return 'inherited';
    }
  }
  class Repository extends Base {
    static Model = class Model {};
    static open() {
      return new Repository();
    }
    #rows = ['a'];
    reads = 0;
    arrow = () => this.reads;
    find() {
      return this.#rows;
    }
    [KEY]() {
      return 'symbol';
    }
    get size() {
      this.reads++;
      return this.#rows.length;
    }
  }
  return { Base, Repository };
}

test('a class: its own methods and static methods, in place, until the undo', () => {
  const { Base, Repository } = makeClass();
  const before = [Repository, Repository.prototype, Base.prototype].map(Object.getOwnPropertyDescriptors);
  const undo = traceMethods(Repository);
  const repository = Repository.open();
  repository.find();
  repository.inherited();
  repository[KEY]();
  assert.equal(repository.size, 1);
  assert.ok(new Repository.Model());
  assert.deepEqual(names(), ['Repository.open', 'Repository.find']);
  const enumerable = Object.keys(Repository.prototype);
  assert.deepEqual(enumerable, []);
  undo();
  undo();
  assert.deepEqual([Repository, Repository.prototype, Base.prototype].map(Object.getOwnPropertyDescriptors), before);
  repository.find();
  assert.deepEqual(names(), []);
});

test('an instance: own and inherited methods, on it alone; accessors are not read', () => {
  const { Repository } = makeClass();
  const [one, two] = [new Repository(), new Repository()];
  const keys = Reflect.ownKeys(one);
  const undo = traceMethods(one);
  one.find();
  one.inherited();
  one.arrow();
  one[KEY]();
  two.find();
  assert.deepEqual(names(), ['Repository.find', 'Base.inherited', 'Repository.arrow']);
  assert.equal(one.reads, 0);
  assert.deepEqual(Object.keys(one), ['reads', 'arrow']);
  undo();
  assert.deepEqual(Reflect.ownKeys(one), keys);
  one.find();
  assert.deepEqual(names(), []);
});

test('a plain object: functions by their key', () => {
  const api = { load: async (id: number) => id, Model: class {}, version: 1 };
  const { load } = api;
  const undo = traceMethods(api);
  void api.load(1);
  assert.notEqual(api.load, load);
  undo();
  assert.equal(api.load, load);
});

test('names choose, symbols and accessors included', () => {
  const { Repository } = makeClass();
  const undo = traceMethods(Repository, ['find', KEY, 'size', 'open']);
  const repository = Repository.open();
  repository.find();
  repository[KEY]();
  assert.equal(repository.size, 1);
  assert.deepEqual(names(), ['Repository.open', 'Repository.find', 'Repository.[key]', 'Repository.size']);
  undo();
});

test('what somebody wrapped on top of ours stays', () => {
  const api = { run: () => 1 };
  const undo = traceMethods(api);
  const ours = api.run;
  const theirs = () => ours() + 1;
  api.run = theirs;
  undo();
  assert.equal(api.run, theirs);
});

test('a method that is traced already is left alone, also by the undo', () => {
  const api = { run: traced('mine', () => 1) };
  const { run } = api;
  const undo = traceMethods(api);
  assert.equal(api.run, run);
  undo();
  assert.equal(api.run, run);
});
