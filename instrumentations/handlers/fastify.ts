// Handlers of Fastify: each tells of its routes by a hook, and of its instances by a channel, however it was loaded.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { AnyFunction } from '../../src/loading/replace.js';
import { type HandlerKind, traceHandler } from './handler-call.js';
import { onResponseEnd } from './response-end.js';

interface RouteOptions {
  readonly method?: unknown;
  readonly url?: unknown;
  handler?: unknown;
}

const CHANNEL = 'fastify.initialization';

/** Traces the handlers of every instance that is made from now on; returns the undo. */
export function traceEachFastify(report: (error: unknown) => void): () => void {
  let isOn = true;
  const made = (message: unknown): void => {
    try {
      addHook(Reflect.get(Object(message), 'fastify'), () => isOn);
    } catch (error) {
      report(error);
    }
  };
  subscribe(CHANNEL, made);
  return () => {
    isOn = false;
    unsubscribe(CHANNEL, made);
  };
}

/** Traces the handlers that an instance of Fastify gets from now on; undefined for others. */
export function traceFastify(app: unknown): (() => void) | undefined {
  if (typeof app !== 'object' || app === null || !('addHook' in app) || !('inject' in app)) return undefined;
  let isOn = true;
  addHook(app, () => isOn);
  return () => {
    isOn = false;
  };
}

// A hook cannot be taken back, so it asks.
function addHook(app: unknown, isOn: () => boolean): void {
  const add: unknown = Reflect.get(Object(app), 'addHook');
  if (typeof add !== 'function') return;
  Reflect.apply(add, app, [
    'onRoute',
    (options: RouteOptions) => {
      if (!isOn() || typeof options.handler !== 'function') return;
      options.handler = traceHandler(options.handler as AnyFunction, kindOf(options), isOn);
    },
  ]);
}

function kindOf({ method, url }: RouteOptions): HandlerKind {
  const methods = Array.isArray(method) ? method : [method];
  const name = `${methods.length > 3 ? 'ALL' : methods.join('|')} ${typeof url === 'string' && url !== '' ? url : '/'}`;
  return {
    nameOf: () => name,
    watch: (args, end) => ({
      args,
      returned: () => onResponseEnd(Reflect.get(Object(args[1]), 'raw'), () => end()),
    }),
  };
}
