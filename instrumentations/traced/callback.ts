// Functions that take an error-first callback last: the call ends when the callback is called for the first time.
import type { Context } from '@opentelemetry/api';
import type { Call } from './call.js';
import { isFunction } from './options.js';
import { settle } from './promise.js';
import { activeContext, callWithin } from './tracer.js';

/** Calls `target` with its callback watched; without one, as any other function. */
export function callWithCallback(
  target: (...args: unknown[]) => unknown,
  self: unknown,
  args: unknown[],
  start: () => Call,
): unknown {
  const last = args.at(-1);
  const outer = activeContext();
  const call = start();
  const hasCallback = isFunction(last);
  const watched = hasCallback ? [...args.slice(0, -1), watch(last, call, outer)] : args;
  let result: unknown;
  try {
    result = call.run(target, self, watched);
  } catch (error) {
    call.fail(error);
    throw error;
  }
  if (!hasCallback) return settle(result, call);
  call.suspend();
  return result;
}

// A proxy, so that name, length and own properties are the callback's; its work belongs to the caller's context.
function watch(callback: (...args: unknown[]) => unknown, call: Call, outer: Context | undefined): unknown {
  return new Proxy(callback, {
    apply(target, self, args: unknown[]) {
      const [error, result] = args;
      if (error === undefined || error === null) call.succeed(result);
      else call.fail(error);
      return outer === undefined ? Reflect.apply(target, self, args) : callWithin(outer, target, self, args);
    },
  });
}
