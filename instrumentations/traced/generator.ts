// Generators: the call lasts from the first `next` to the end of the iteration, and the body runs in its span's context.
import type { Context } from '@opentelemetry/api';
import { Call, type TracedFunction } from './call.js';
import { activeContext } from './tracer.js';

const nativeThen = Promise.prototype.then;
const METHODS = ['next', 'return', 'throw'] as const;

// Made on first use: importing does nothing.
let abandoned: FinalizationRegistry<Call> | undefined;

/**
 * Calls a generator function; its generator stays the object it is, with methods of its own until the iteration ends.
 * The span's parent is the context of the call. A generator that is never advanced leaves no trace; one that is
 * abandoned half-way ends when it is garbage-collected, at the moment it was last active.
 */
export function callGenerator(
  target: (...args: unknown[]) => unknown,
  self: unknown,
  args: unknown[],
  traced: TracedFunction,
): unknown {
  const parent = activeContext();
  let generator: unknown;
  try {
    generator = Reflect.apply(target, self, args);
  } catch (error) {
    // Defaults of parameters are worked out in the call itself.
    new Call(traced, args, parent).fail(error);
    throw error;
  }
  if (typeof generator === 'object' && generator !== null) follow(generator, traced, args, parent);
  return generator;
}

function follow(generator: object, traced: TracedFunction, args: unknown[], parent: Context | undefined): void {
  const own = new Map<string, unknown>();
  let call: Call | undefined;
  let running = false;

  function begin(): Call {
    call = new Call(traced, args, parent);
    abandoned ??= new FinalizationRegistry((lost) => lost.abandon());
    abandoned.register(generator, call, call);
    return call;
  }

  // Puts everything back, so that a finished generator is an ordinary one.
  function leave(): void {
    if (call !== undefined) abandoned?.unregister(call);
    for (const [method, step] of own) {
      if (Object.getOwnPropertyDescriptor(generator, method)?.value === step) Reflect.deleteProperty(generator, method);
    }
  }

  function fail(current: Call, error: unknown): never {
    leave();
    current.fail(error);
    throw error;
  }

  function look(current: Call, result: unknown): unknown {
    const { done, value } = result as IteratorResult<unknown>;
    if (done === true) {
      leave();
      current.succeed(value);
    } else {
      current.pause();
    }
    return result;
  }

  for (const method of METHODS) {
    const original: unknown = Reflect.get(generator, method);
    if (typeof original !== 'function') continue;
    const advance = original as (value: unknown) => unknown;
    const { [method]: step } = {
      [method](this: unknown, value: unknown): unknown {
        // Advancing a running generator throws, and is not how its body ends.
        if (this !== generator || running) return Reflect.apply(advance, this, [value]);
        if (call === undefined && method !== 'next') {
          leave();
          return Reflect.apply(advance, this, [value]);
        }
        const current = call ?? begin();
        let result: unknown;
        running = true;
        current.resume();
        try {
          result = current.run(advance, generator, [value]);
        } catch (error) {
          return fail(current, error);
        } finally {
          running = false;
        }
        if (!(result instanceof Promise)) return look(current, result);
        current.suspend();
        return Reflect.apply(nativeThen, result, [
          (settled: unknown) => look(current, settled),
          (error: unknown) => fail(current, error),
        ]);
      },
    };
    own.set(method, step);
    Object.defineProperty(generator, method, { value: step, configurable: true, writable: true });
  }
}
