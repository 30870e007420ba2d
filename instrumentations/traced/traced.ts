// traced(): a function that is what it was, and tells of its calls.

import { traceClass } from './members.js';
import { ANONYMOUS, identifyAs } from './names.js';
import {
  type AnyClass,
  type AnyFunction,
  checkFunction,
  isClass,
  isFunction,
  resolveTracedOptions,
  type TracedOptions,
} from './options.js';
import { wrapFunction } from './wrap.js';

/**
 * Returns `fn` with a span and the metrics `loopsight.function.duration` (s) and `loopsight.function.active` for each call.
 * It behaves as `fn` in every other respect: `this`, arguments, result, thrown value, name, own properties, `new`.
 * A function that is traced already is returned as it is; a class is traced in place, as `@Traced()` does.
 * Of a promise, a new one that settles the same is returned (the same one for subclasses of Promise); thenables that
 * are no native promises may be lazy, so they are neither subscribed to nor waited for.
 * Throws a TypeError for a bad name, option or function.
 *
 * @example
 * const restart = traced('hosts.restart', async (host: string) => `${host} restarted`);
 * await restart('web-1');
 */
export function traced<F extends AnyFunction | AnyClass>(fn: F): F;
export function traced<F extends AnyFunction | AnyClass>(name: string, fn: F): F;
export function traced<F extends AnyFunction>(options: TracedOptions<F>, fn: F): F;
export function traced(...given: readonly unknown[]): unknown {
  const [first, second] = given;
  const [settings, fn] = given.length < 2 ? [undefined, first] : [first, second];
  const options = resolveTracedOptions(settings);
  const original = checkFunction(fn, 'fn');
  if (isClass(original)) {
    traceClass(original, options);
    return original;
  }
  return wrapFunction(original, options, identifyAs(options.name ?? ownNameOf(original), options));
}

function ownNameOf(fn: unknown): string {
  try {
    const name: unknown = isFunction(fn) ? fn.name : undefined;
    return typeof name === 'string' && name !== '' ? name : ANONYMOUS;
  } catch {
    // The name can be a getter.
    return ANONYMOUS;
  }
}
