// Puts a function in the place of another, so that it can be taken away again.
import { WRAPPED_FILES } from '../../src/stalls/loop/capture.js';
import type { AnyFunction } from '../../src/stalls/loop/checkpoint.js';
import type { CallGroup, Holder } from './calls.js';
import { loadedModule } from './loaded-modules.js';

/** Replaces the functions of `group` by what `wrap` makes of them; undefined while their module is not loaded. */
export function replaceCalls(
  { module, label, holder: holderOf, names, isEager }: CallGroup,
  wrap: (original: AnyFunction, label: string) => AnyFunction,
  mayLoad: boolean,
): (() => void)[] | undefined {
  const loaded = module === undefined ? {} : loadedModule(module, mayLoad && isEager === true);
  if (loaded === undefined) return undefined;
  const holder = holderOf(loaded as Holder);
  if (holder === undefined) return [];
  const found = names instanceof RegExp ? Object.keys(holder).filter((name) => names.test(name)) : names;
  return found.flatMap((name) => {
    const undo = replace(holder, name, (original) => wrap(original, label === '' ? name : `${label}.${name}`));
    // The capture takes the name from the function itself.
    if (module !== undefined) WRAPPED_FILES[name] = `node:${module}`;
    return undo === undefined ? [] : [undo];
  });
}

function replace(holder: object, name: string, wrap: (original: AnyFunction) => AnyFunction): (() => void) | undefined {
  const property = Object.getOwnPropertyDescriptor(holder, name);
  const original: unknown = property?.value;
  if (property === undefined || typeof original !== 'function') return undefined;
  // Frozen intrinsics stay as they are.
  if (property.configurable !== true && property.writable !== true) return undefined;
  const wrapper = wrap(original as AnyFunction);
  Object.defineProperty(holder, name, { ...property, value: wrapper });
  return () => {
    // Somebody who wrapped it after us keeps what they have.
    if (Object.getOwnPropertyDescriptor(holder, name)?.value === wrapper) Object.defineProperty(holder, name, property);
  };
}
