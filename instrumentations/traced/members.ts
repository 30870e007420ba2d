// Wraps members of classes and objects in place, and puts them back.
import { classNameOf, identifyAs, methodName } from './names.js';
import { type AnyClass, isClass, isFunction, type ResolvedTracedOptions } from './options.js';
import { isTraced, wrapFunction } from './wrap.js';

/** Puts back what was wrapped; doing it twice is harmless. */
export type Undo = () => void;

const nothing: Undo = () => undefined;

/** Wraps the methods that a class has itself, on instances and on the class; not the constructor, accessors and symbols. */
export function traceClass(target: AnyClass | ((...args: never[]) => unknown), options: ResolvedTracedOptions): Undo {
  const undos: Undo[] = [];
  const className = options.name ?? classNameOf(target);
  const prototype: unknown = Reflect.get(target, 'prototype');
  if (typeof prototype === 'object' && prototype !== null) {
    for (const key of methodKeys(prototype))
      undos.push(traceMember(prototype, key, prototype, options, methodName(className, key)));
  }
  for (const key of methodKeys(target)) {
    // What can be enumerated on a class is a static field, such as a class kept there.
    if (isClass(target) && Object.prototype.propertyIsEnumerable.call(target, key)) continue;
    undos.push(traceMember(target, key, target, options, methodName(className, key)));
  }
  return () => {
    for (const undo of undos.reverse()) undo();
  };
}

/** The names of the functions that `holder` has itself; constructors and classes are not called, so they are left out. */
export function methodKeys(holder: object): string[] {
  return Object.getOwnPropertyNames(holder).filter((key) => {
    const property = Object.getOwnPropertyDescriptor(holder, key);
    if (key === 'constructor' || property === undefined || !isFunction(property.value)) return false;
    return !isClass(property.value) && (property.configurable === true || property.writable === true);
  });
}

/** Wraps what `holder` has as `key`, by the given name, and puts it on `target`, which is `holder` or inherits from it. */
export function traceMember(
  holder: object,
  key: string | symbol,
  target: object,
  options: ResolvedTracedOptions,
  name: string,
): Undo {
  const property = Object.getOwnPropertyDescriptor(holder, key);
  if (property === undefined) return nothing;
  const wrapped = wrapDescriptor(property, options, name);
  if (wrapped === property) return nothing;
  Object.defineProperty(target, key, wrapped);
  return () => {
    const current = Object.getOwnPropertyDescriptor(target, key);
    // Somebody who wrapped it after us keeps what they have.
    if (current?.value !== wrapped.value || current?.get !== wrapped.get || current?.set !== wrapped.set) return;
    if (holder === target) Object.defineProperty(target, key, property);
    else Reflect.deleteProperty(target, key);
  };
}

/** The descriptor with its function, or getter and setter, wrapped; the same one when there is nothing to wrap. */
export function wrapDescriptor(
  property: PropertyDescriptor,
  options: ResolvedTracedOptions,
  name: string,
): PropertyDescriptor {
  const identify = identifyAs(name, options);
  const wrap = (original: unknown): unknown =>
    isFunction(original) && !isClass(original) && !isTraced(original)
      ? wrapFunction(original, options, identify)
      : original;
  const wrapped: PropertyDescriptor = { ...property };
  for (const part of ['value', 'get', 'set'] as const) {
    if (property[part] !== undefined) Reflect.set(wrapped, part, wrap(property[part]));
  }
  const isSame = wrapped.value === property.value && wrapped.get === property.get && wrapped.set === property.set;
  return isSame ? property : wrapped;
}
