// Names of methods: the class that has the method, a dot, and the method; never anything from arguments.
import type { TracedFunction } from './call.js';
import type { ResolvedTracedOptions } from './options.js';
import { seriesOf } from './series.js';
import type { Identify } from './wrap.js';

/** The name of a function that has none. */
export const ANONYMOUS = '<anonymous>';

/** A function that is always called `name`; what it needs is made at its first observed call. */
export function identifyAs(name: string, options: ResolvedTracedOptions): Identify {
  let traced: TracedFunction | undefined;
  return () => {
    traced ??= { series: seriesOf(name), options };
    return traced;
  };
}

/** A method whose class is not known yet: the first call on an object that has it tells. */
export function identifyByOwner(key: string | symbol, options: ResolvedTracedOptions, isPrivate: boolean): Identify {
  const detached = identifyAs(labelOf(key), options);
  let known: Identify | undefined;
  return (self, wrapper) => {
    if (known === undefined) {
      const className = isPrivate ? classNameOf(self) : ownerNameOf(self, key, wrapper);
      if (className === undefined) return detached(self, wrapper);
      known = identifyAs(methodName(className, key), options);
    }
    return known(self, wrapper);
  };
}

/** `Class.method`; only the method where the class has no name. */
export function methodName(className: string | undefined, key: string | symbol): string {
  return className === undefined || className === '' ? labelOf(key) : `${className}.${labelOf(key)}`;
}

/** The name of the class that `owner` is, or is an instance or the prototype of; undefined for plain objects. */
export function classNameOf(owner: unknown): string | undefined {
  try {
    if (typeof owner === 'function') return nameOf(owner);
    if (typeof owner !== 'object' || owner === null) return undefined;
    const owningClass: unknown = owner.constructor;
    return typeof owningClass === 'function' && owningClass !== Object ? nameOf(owningClass) : undefined;
  } catch {
    // A proxy may throw at any look.
    return undefined;
  }
}

function ownerNameOf(self: unknown, key: string | symbol, wrapper: unknown): string | undefined {
  let nearest: object | undefined;
  try {
    let holder: unknown = self;
    while ((typeof holder === 'object' && holder !== null) || typeof holder === 'function') {
      const property = Object.getOwnPropertyDescriptor(holder, key);
      if (property !== undefined) {
        if ([property.value, property.get, property.set].includes(wrapper)) return classNameOf(holder);
        // Another decorator around ours: the nearest one is as good a guess as there is.
        nearest ??= holder;
      }
      holder = Object.getPrototypeOf(holder);
    }
  } catch {
    return undefined;
  }
  return nearest === undefined ? undefined : classNameOf(nearest);
}

function nameOf(value: { readonly name?: unknown }): string | undefined {
  return typeof value.name === 'string' && value.name !== '' ? value.name : undefined;
}

function labelOf(key: string | symbol): string {
  return typeof key === 'string' ? key : `[${key.description ?? ''}]`;
}
