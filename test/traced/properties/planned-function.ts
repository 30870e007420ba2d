// The function of a plan: of one kind, with layers around it, properties, and closed to further ones.
import vm from 'node:vm';
import { endingOf, makeValue } from './planned-values.js';
import type { FunctionPlan, PropertyPlan, ValuePlan } from './plans.js';
import type { Callable, World } from './world.js';

/** Makes the function of `plan`; what it does is noted in the world's log. */
export function makeFunction(plan: FunctionPlan, world: World): Callable {
  let made = layered(plan, ofKind(plan, world), world);
  for (const property of plan.properties) defineProperty(made, property, world);
  // Where all else is fixed, V8 overlooks that the prototype can be written, and takes the function for frozen; not so a proxy.
  if (plan.integrity !== 'open' && Object.hasOwn(made, 'prototype')) {
    Reflect.defineProperty(made, 'prototype', { writable: false });
  }
  if (plan.integrity === 'closed') made = Object.preventExtensions(made);
  if (plan.integrity === 'sealed') made = Object.seal(made);
  if (plan.integrity === 'frozen') made = Object.freeze(made);
  return made;
}

function ofKind(plan: FunctionPlan, world: World): Callable {
  const { kind, steps } = plan;
  const begin = (self: unknown, args: readonly unknown[], target?: unknown) => {
    world.log.push(['called', self, [...args], target]);
  };
  const end = (self: unknown, args: readonly unknown[]) => endingOf(plan, world, self, args);
  const step = (one: ValuePlan, self: unknown, args: readonly unknown[]) => makeValue(one, world, self, args);
  switch (kind) {
    case 'function':
      return function planned(this: unknown, ...args) {
        begin(this, args, new.target);
        return end(this, args);
      };
    case 'sloppy': {
      const run = vm.runInThisContext(
        '(begin, end) => function sloppy(a, b) { begin(this, arguments); return end(this, [a, b]); }',
      );
      return run(begin, end);
    }
    case 'arrow':
      return (...args) => {
        begin('arrow', args);
        return end('arrow', args);
      };
    case 'method':
      return {
        planned(this: unknown, a: unknown, b: unknown = 2) {
          begin(this, [a, b]);
          return end(this, [a, b]);
        },
      }.planned as Callable;
    case 'async':
      return async function planned(this: unknown, ...args) {
        begin(this, args);
        for (const one of steps) world.log.push(['awaited', await step(one, this, args)]);
        return end(this, args);
      };
    case 'generator':
      return function* planned(this: unknown, ...args): Generator<unknown, unknown, unknown> {
        begin(this, args);
        try {
          for (const one of steps) world.log.push(['sent', yield step(one, this, args)]);
        } finally {
          world.log.push('left');
        }
        return end(this, args);
      };
    case 'asyncGenerator':
      return async function* planned(this: unknown, ...args): AsyncGenerator<unknown, unknown, unknown> {
        begin(this, args);
        try {
          for (const one of steps) world.log.push(['sent', yield step(one, this, args)]);
        } finally {
          world.log.push('left');
        }
        return end(this, args);
      };
    case 'class':
      return class Planned {
        static readonly kind = 'class';
        readonly #value: unknown;
        constructor(...args: unknown[]) {
          begin('constructor', args, new.target);
          this.#value = args[0];
        }
        get value() {
          return this.#value;
        }
        run(...args: unknown[]) {
          return end(this, args);
        }
      } as unknown as Callable;
    case 'native':
      // Of a realm of its own: it is changed.
      return vm.runInNewContext('Array.of') as Callable;
  }
}

function layered({ layers, kind }: FunctionPlan, innermost: Callable, world: World): Callable {
  return layers.reduce((inner: Callable, layer) => {
    if (layer === 'bound') return inner.bind(world.shared, 'bound');
    const note = (trap: string) => world.log.push(['trap', trap, kind]);
    return new Proxy(inner, {
      apply(target, self, args: unknown[]) {
        note('apply');
        return Reflect.apply(target, self, args);
      },
      construct(target, args: unknown[], newTarget) {
        note('construct');
        return Reflect.construct(target, args, newTarget) as object;
      },
      set(target, key, value, receiver) {
        note(`set ${String(key)}`);
        return Reflect.set(target, key, value, receiver);
      },
    });
  }, innermost);
}

function defineProperty(target: object, { key, how, enumerable, configurable }: PropertyPlan, world: World): void {
  const get = () => {
    world.log.push(['read', key]);
    if (how === 'throwingGetter') throw new RangeError(`no ${String(key)}`);
    return world.shared;
  };
  const set = (value: unknown) => world.log.push(['written', key, value]);
  const base = { enumerable, configurable };
  const descriptor =
    how === 'data'
      ? { ...base, value: world.shared, writable: configurable }
      : { ...base, get, ...(how === 'accessor' ? { set } : {}) };
  // Some are fixed already.
  Reflect.defineProperty(target, key, descriptor);
}
