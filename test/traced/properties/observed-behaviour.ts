// What can be observed of a function: operations on it, which are data, and what each of them comes to, as plain data.
import { types } from 'node:util';
import fc from 'fast-check';
import { makeValue } from './planned-values.js';
import { keys, type ValuePlan, values } from './plans.js';
import type { Callable, World } from './world.js';

export type Operation =
  | {
      readonly do: 'call' | 'drop' | 'method' | 'bindAndCall' | 'construct' | 'extend';
      readonly self: ValuePlan;
      readonly args: readonly ValuePlan[];
      readonly sent: readonly Sent[];
    }
  | { readonly do: 'describe' | 'freeze' | 'loop' | 'unprototyped' }
  | { readonly do: 'get' | 'set' | 'delete' | 'define' | 'has'; readonly key: string | symbol };

/** How a generator is advanced. */
export interface Sent {
  readonly by: 'next' | 'throw' | 'return';
  readonly value: ValuePlan;
}

export const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('call', 'drop', 'method', 'bindAndCall', 'construct', 'extend'),
      self: values,
      args: fc.array(values, { maxLength: 3 }),
      sent: fc.array(
        fc.record({
          by: fc.oneof({ weight: 4, arbitrary: fc.constant('next') }, fc.constantFrom('throw', 'return')),
          value: values,
        }),
        { maxLength: 5 },
      ),
    }) as fc.Arbitrary<Operation>,
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('describe', 'freeze', 'loop', 'unprototyped'),
    }) as fc.Arbitrary<Operation>,
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('get', 'set', 'delete', 'define', 'has'),
      key: keys,
    }) as fc.Arbitrary<Operation>,
  },
);

/** Does each operation on `subject`, one after the other; returns everything that could be seen. */
export async function observe(
  subject: Callable,
  steps: readonly Operation[],
  world: World,
): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  for (const operation of [...steps, { do: 'describe' } as const]) {
    world.log.length = 0;
    const outcome = await outcomeOf(() => perform(subject, operation, world), sentOf(operation), world);
    // Rejections that nobody handles are told of by then.
    await new Promise(setImmediate);
    seen.push([operation.do, outcome, show(world.log, world)]);
  }
  return seen;
}

const sentOf = (operation: Operation) => ('sent' in operation ? operation.sent : []);

function perform(subject: Callable, operation: Operation, world: World): unknown {
  switch (operation.do) {
    case 'call':
      return Reflect.apply(subject, ...given(operation, world));
    case 'drop':
      // Whether anybody is told of a rejection is seen by who listens for those that are unhandled.
      Reflect.apply(subject, ...given(operation, world));
      return 'dropped';
    case 'method': {
      const holder = { subject };
      world.labels.set(holder, 'holder');
      return holder.subject(...given(operation, world)[1]);
    }
    case 'bindAndCall': {
      const [self, args] = given(operation, world);
      return Function.prototype.bind.call(subject, self, ...args)();
    }
    case 'construct':
      return Reflect.construct(subject, given(operation, world)[1]);
    case 'extend': {
      class Extended extends (subject as unknown as new (...args: unknown[]) => object) {}
      world.labels.set(Extended, 'extended');
      const made = new Extended(...given(operation, world)[1]);
      return [made instanceof Extended, made instanceof subject, made];
    }
    case 'describe':
      return describe(subject);
    case 'freeze':
      return Object.freeze(subject) === subject;
    case 'loop': {
      const found: string[] = [];
      for (const key in subject) found.push(key);
      return found;
    }
    case 'unprototyped':
      return Reflect.setPrototypeOf(subject, null) && Reflect.setPrototypeOf(subject, Function.prototype);
    case 'get':
      return Reflect.get(subject, operation.key);
    case 'set':
      return Reflect.set(subject, operation.key, world.shared);
    case 'delete':
      return Reflect.deleteProperty(subject, operation.key);
    case 'define':
      return Reflect.defineProperty(subject, operation.key, { value: 1, configurable: true });
    case 'has':
      return [Reflect.has(subject, operation.key), Object.hasOwn(subject, operation.key)];
  }
}

function given(operation: Operation & { readonly args: readonly ValuePlan[] }, world: World): [unknown, unknown[]] {
  return [
    makeValue((operation as { readonly self: ValuePlan }).self, world),
    operation.args.map((plan) => makeValue(plan, world)),
  ];
}

function describe(subject: Callable): unknown {
  const own = Object.getOwnPropertyDescriptors(subject) as Record<string | symbol, PropertyDescriptor>;
  return {
    type: typeof subject,
    own: Reflect.ownKeys(own).map((key) => {
      const { value, get, set, ...flags } = own[key] ?? {};
      // The prototype leads back to the function that was wrapped.
      return [key, key === 'prototype' ? typeof value : value, typeof get, typeof set, flags];
    }),
    prototype: Object.getPrototypeOf(subject),
    integrity: [Object.isExtensible(subject), Object.isSealed(subject), Object.isFrozen(subject)],
    isFunction: subject instanceof Function,
    isConstructible: isConstructible(subject),
  };
}

function isConstructible(subject: Callable): boolean {
  try {
    Reflect.construct(Object, [], subject);
    return true;
  } catch (error) {
    // A getter of the prototype is an answer as well.
    return !(error instanceof TypeError);
  }
}

async function outcomeOf(run: () => unknown, sent: readonly Sent[], world: World): Promise<unknown> {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    return ['threw', show(error, world)];
  }
  const shown = show(result, world);
  // Lazy ones begin when they are waited for, and not before: what the log says by now is a part of it.
  const before = show(world.log, world);
  if (types.isPromise(result))
    // An instance of a subclass has a `then` of ours, which is not enumerable, until somebody subscribes; Node has symbols of
    // its own in promises.
    return ['promise', shown, classOf(result), Object.keys(result), before, await settled(result, world)];
  if (types.isGeneratorObject(result)) return ['generator', await advance(result as Generator, sent, world)];
  if (world.labels.get(Object(result))?.includes('thenable') === true)
    return ['thenable', shown, before, await settled(result, world)];
  return ['value', shown, before];
}

/** How it settles; what has not after some turns of the loop, never does. */
async function settled(promise: unknown, world: World): Promise<unknown> {
  const never = Symbol('never');
  const patience = (async () => {
    for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
    return never;
  })();
  try {
    const value = await Promise.race([promise, patience]);
    return value === never ? 'never' : ['settled', show(value, world)];
  } catch (error) {
    return ['rejected', show(error, world)];
  }
}

async function advance(generator: Generator, sent: readonly Sent[], world: World): Promise<unknown> {
  const steps: unknown[] = [Object.prototype.toString.call(generator), generator[Symbol.iterator]?.() === generator];
  for (const { by, value } of sent) {
    try {
      const step: unknown = generator[by](makeValue(value, world));
      steps.push(types.isPromise(step) ? ['promise', await settled(step, world)] : show(step, world));
    } catch (error) {
      steps.push(['threw', show(error, world)]);
    }
  }
  return steps;
}

// A promise of another realm has another class of the same name.
const classOf = (value: object): unknown => Object.getPrototypeOf(value)?.constructor?.name;

/** A value as plain data, in which the same things of two worlds are equal. */
export function show(value: unknown, world: World, depth = 4): unknown {
  if (typeof value === 'symbol') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
  const label = world.labels.get(value);
  if (label !== undefined) return `#${label}`;
  if (typeof value === 'function') return value === Function.prototype ? 'Function.prototype' : 'a function';
  if (depth === 0) return '…';
  if (types.isPromise(value)) return 'a promise';
  // The engine's messages have the source of functions in them.
  if (types.isNativeError(value)) return value instanceof RangeError ? `RangeError: ${value.message}` : value.name;
  if (Array.isArray(value)) return Array.from(value, (one) => show(one, world, depth - 1));
  return Object.entries(value).map(([key, one]) => [key, show(one, world, depth - 1)]);
}
