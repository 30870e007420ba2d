// The wrapper around one function: a proxy, so that name, length, own properties, prototype and `new` are the function's.
import { types } from 'node:util';
import { sharedState } from '../../src/shared-state.js';
import { Call, isObserved, type TracedFunction } from './call.js';
import { callWithCallback } from './callback.js';
import { callGenerator } from './generator.js';
import type { AnyFunction, ResolvedTracedOptions } from './options.js';
import { settle, settleAsync } from './promise.js';

/** Tells which function a call belongs to: methods learn their class from `this`. */
export type Identify = (self: unknown, wrapper: unknown) => TracedFunction;

type Target = (...args: unknown[]) => unknown;
const nativeToString: unknown = Function.prototype.toString;

type Apply = (target: Target, self: unknown, args: unknown[], traced: TracedFunction) => unknown;

/** True for what `wrapFunction` returned, from any copy of the package. */
export function isTraced(value: object): boolean {
  return sharedState().traced?.has(value) ?? false;
}

/** Wraps `original`; a function that is traced already is returned as it is. */
export function wrapFunction<F extends AnyFunction>(
  original: F,
  { callback }: ResolvedTracedOptions,
  identify: Identify,
): F {
  if (isTraced(original)) return original;
  const apply = applyFor(original, callback);
  const wrapper: F = new Proxy(original, {
    apply(target, self, args: unknown[]) {
      const callable = target as unknown as Target;
      if (!isObserved()) return Reflect.apply(callable, self, args);
      return apply(callable, self, args, identify(self, wrapper));
    },
    construct(target, args: unknown[], newTarget) {
      return Reflect.construct(target, args, newTarget === wrapper ? target : newTarget) as object;
    },
    get(target, key, receiver) {
      // Called on a proxy, the native method would hide the source that some frameworks read.
      const value: unknown = Reflect.get(target, key, receiver);
      return value === nativeToString && !Object.hasOwn(target, key) ? sourceOf(target) : value;
    },
    getPrototypeOf(target) {
      // reflect-metadata keeps metadata by function and searches prototypes: that of the original is found there.
      return hasMetadata(target) && Object.isExtensible(target) ? target : Object.getPrototypeOf(target);
    },
  });
  markTraced(wrapper);
  return wrapper;
}

function applyPlainly(target: Target, self: unknown, args: unknown[], traced: TracedFunction): unknown {
  const call = new Call(traced, args);
  let result: unknown;
  try {
    result = call.run(target, self, args);
  } catch (error) {
    call.fail(error);
    throw error;
  }
  return settle(result, call);
}

// An async function never throws; it rejects.
function applyAsync(target: Target, self: unknown, args: unknown[], traced: TracedFunction): unknown {
  const call = new Call(traced, args);
  return settleAsync(call.run(target, self, args), call);
}

function applyWithCallback(target: Target, self: unknown, args: unknown[], traced: TracedFunction): unknown {
  return callWithCallback(target, self, args, () => new Call(traced, args));
}

function applyFor(original: AnyFunction, callback: boolean): Apply {
  if (callback) return applyWithCallback;
  // True for async generators too, and so asked first.
  if (types.isGeneratorFunction(original)) return callGenerator;
  return types.isAsyncFunction(original) ? applyAsync : applyPlainly;
}

function markTraced(wrapper: object): void {
  const state = sharedState();
  state.traced ??= new WeakSet();
  state.traced.add(wrapper);
}

function sourceOf(target: object): () => string {
  return { toString: () => Function.prototype.toString.call(target) }.toString;
}

function hasMetadata(target: object): boolean {
  const getOwnMetadataKeys: unknown = Reflect.get(Reflect, 'getOwnMetadataKeys');
  return typeof getOwnMetadataKeys === 'function' && (getOwnMetadataKeys(target) as readonly unknown[]).length > 0;
}
