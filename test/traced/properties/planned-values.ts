// What a planned function gives: a value, or something that comes to it in one of many ways.
import vm from 'node:vm';
import type { FunctionPlan, ValuePlan } from './plans.js';
import { labelled, type World } from './world.js';

/** The value of `plan`, where `self` and `args` are those of the call. */
export function makeValue(plan: ValuePlan, world: World, self?: unknown, args: readonly unknown[] = []): unknown {
  switch (plan.is) {
    case 'primitive':
      return plan.value;
    case 'this':
      return self;
    case 'argument':
      return args[0];
    case 'shared':
      return world.shared;
    case 'error':
      return labelled(Object.freeze(new RangeError('planned')), 'error', world);
    case 'count':
      return args.length;
  }
}

/** What a call of the function of a plan comes to; throws where that is planned. */
export function endingOf(
  { ending, value }: FunctionPlan,
  world: World,
  self: unknown,
  args: readonly unknown[],
): unknown {
  const given = makeValue(value, world, self, args);
  const note = (...what: unknown[]) => world.log.push(what);
  switch (ending) {
    case 'return':
      return given;
    case 'throw':
      throw given;
    case 'resolve':
      return Promise.resolve(given);
    case 'reject':
      return Promise.reject(given);
    case 'later':
      return new Promise((resolve) => setImmediate(resolve, given));
    case 'rejectLater':
      return new Promise((_, reject) => setImmediate(reject, given));
    case 'never':
      return new Promise(() => {});
    case 'thenable':
      // biome-ignore lint/suspicious/noThenProperty: it is what is looked at.
      return labelled({ then: (settle: (it: unknown) => void) => settle(given) }, 'thenable', world);
    case 'lazyThenable': {
      const then = (settle: (it: unknown) => void) => {
        note('subscribed');
        settle(given);
      };
      return labelled({ then }, 'lazy thenable', world);
    }
    case 'throwingThenable': {
      const hostile = {
        // biome-ignore lint/suspicious/noThenProperty: it is what is looked at.
        get then(): unknown {
          note('then was read');
          throw new RangeError('then');
        },
      };
      return labelled(hostile, 'throwing thenable', world);
    }
    case 'hostileObject': {
      const refuse = () => {
        note('looked at');
        throw new RangeError('refused');
      };
      const traps = {
        get: refuse,
        has: refuse,
        ownKeys: refuse,
        getPrototypeOf: refuse,
        getOwnPropertyDescriptor: refuse,
      };
      return labelled(new Proxy({}, traps), 'hostile', world);
    }
    case 'subclass':
      return labelled(new Deferred((resolve) => resolve(given)), 'deferred', world);
    case 'subclassRejects':
      return labelled(new Deferred((_, reject) => reject(given)), 'deferred', world);
    case 'lazySubclass': {
      const lazy = new Lazy((resolve) => resolve(given));
      lazy.onSubscribe = () => note('subscribed');
      return labelled(lazy, 'lazy', world);
    }
    case 'decoratedPromise':
      return Object.assign(Promise.resolve(given), { child: world.shared });
    case 'frozenPromise':
      return Object.freeze(Promise.resolve(given));
    case 'proxiedPromise':
      return labelled(new Proxy(Promise.resolve(given), {}), 'proxied promise', world);
    case 'foreignPromise':
      return vm.runInNewContext('Promise').resolve(given);
    case 'iterator':
      return labelled([given].values(), 'iterator', world);
  }
}

class Deferred<T> extends Promise<T> {}

class Lazy<T> extends Promise<T> {
  onSubscribe: (() => void) | undefined;
  // biome-ignore lint/suspicious/noThenProperty: some libraries begin their work there.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.onSubscribe?.();
    return super.then(onFulfilled, onRejected);
  }
}
