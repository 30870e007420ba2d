// traceMethods(): traces methods of an object or class that somebody else wrote.
import { unexpected } from '../../src/option-values.js';
import { methodKeys, traceClass, traceMember, type Undo } from './members.js';
import { classNameOf, methodName } from './names.js';
import { type AnyClass, isClass, isFunction, resolveTracedOptions } from './options.js';

/**
 * Traces the methods of a class (its own, static ones included), an instance (inherited ones included, on this object
 * alone) or a plain object, and returns the undo. Without `names` it leaves out constructors, accessors, methods with
 * symbols as keys, and what is frozen. Throws a TypeError where `object` is none, or a name is not that of a method.
 *
 * @example
 * const untrace = traceMethods(repository, ['find', 'save']);
 * untrace();
 */
export function traceMethods<C extends AnyClass>(object: C, names?: readonly (keyof C | keyof InstanceType<C>)[]): Undo;
export function traceMethods<T extends object>(object: T, names?: readonly (keyof T)[]): Undo;
export function traceMethods(object: object, names?: readonly PropertyKey[]): Undo {
  const options = resolveTracedOptions(undefined);
  if ((typeof object !== 'object' && !isFunction(object)) || object === null) {
    throw unexpected('object', 'an object or a class', object);
  }
  if (names === undefined) {
    if (isFunction(object)) return traceClass(object, options);
    return undoAll(
      methodsOf(object).map(([key, holder]) => traceMember(holder, key, object, options, nameOf(holder, key))),
    );
  }
  if (!Array.isArray(names)) throw unexpected('names', 'an array of method names', names);
  const found = names.map((name: PropertyKey, index) => {
    const key = typeof name === 'number' ? String(name) : name;
    const place = locate(object, key);
    if (place === undefined) throw unexpected(`names[${index}]`, 'the name of a method that can be replaced', key);
    return { key, ...place };
  });
  return undoAll(
    found.map(({ key, holder, target }) => traceMember(holder, key, target, options, nameOf(holder, key))),
  );
}

function undoAll(undos: readonly Undo[]): Undo {
  return () => {
    for (const undo of [...undos].reverse()) undo();
  };
}

// Own and inherited methods, each with the object that has it; the nearest one wins.
function methodsOf(object: object): [key: string, holder: object][] {
  if (!Object.isExtensible(object)) return [];
  const found = new Map<string, object>();
  const seen = new Set<string>();
  for (const holder of chainOf(object)) {
    for (const key of methodKeys(holder)) if (!seen.has(key)) found.set(key, holder);
    for (const key of Object.getOwnPropertyNames(holder)) seen.add(key);
  }
  return [...found];
}

function locate(object: object, key: string | symbol): { holder: object; target: object } | undefined {
  const prototype: unknown = isFunction(object) ? object.prototype : undefined;
  const isPrototype = typeof prototype === 'object' && prototype !== null;
  // A class has its static and its instance methods; for its own name the latter come first.
  const places = isPrototype ? [prototype, object] : [object];
  for (const target of places) {
    for (const holder of isFunction(object) ? [target] : chainOf(target)) {
      const property = Object.getOwnPropertyDescriptor(holder, key);
      if (property === undefined) continue;
      const isMethod = isFunction(property.value) && !isClass(property.value);
      const isAccessor = property.get !== undefined || property.set !== undefined;
      const isReplaceable =
        holder === target ? property.configurable === true || property.writable === true : Object.isExtensible(target);
      if (key !== 'constructor' && (isMethod || isAccessor) && isReplaceable) return { holder, target };
    }
  }
  return undefined;
}

function chainOf(object: object): object[] {
  const chain: object[] = [];
  for (
    let holder: unknown = object;
    typeof holder === 'object' && holder !== null;
    holder = Object.getPrototypeOf(holder)
  ) {
    // The last one is Object.prototype, of whatever realm.
    if (holder === object || Object.getPrototypeOf(holder) !== null) chain.push(holder);
  }
  return chain;
}

function nameOf(holder: object, key: string | symbol): string {
  return methodName(classNameOf(holder), key);
}
