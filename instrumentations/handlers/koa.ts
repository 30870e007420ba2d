// Handlers of Koa: the last function of each route of @koa/router or koa-router.
import type { Library } from '../../src/loading/library.js';
import { type AnyFunction, replaceMethod } from '../../src/loading/replace.js';
import { type HandlerKind, traceHandler } from './handler-call.js';

interface Layer {
  readonly stack: unknown[];
  readonly methods?: unknown;
}

export const koa: readonly Library[] = ['@koa/router', 'koa-router'].map((name) => ({
  name,
  from: '8.0.0',
  below: '16.0.0',
  patch: (exports: unknown) => {
    const { Router, default: main = Router ?? exports } = Object(exports) as Record<string, unknown>;
    if (typeof main !== 'function') throw new TypeError('Expected the router to be a class');
    return { undo: traceRegistered(main.prototype as object) };
  },
}));

/** Traces the handlers that a router for Koa has, and those that it gets; undefined for others. */
export function traceKoa(router: unknown): (() => void) | undefined {
  const { stack, register } = Object(router) as { stack?: unknown; register?: unknown };
  if (!Array.isArray(stack) || typeof register !== 'function') return undefined;
  let isOn = true;
  for (const layer of stack) traceLast(layer, () => isOn);
  const own = function (this: unknown, ...args: unknown[]): unknown {
    const layer: unknown = Reflect.apply(register, this, args);
    if (isOn) traceLast(layer, () => isOn);
    return layer;
  };
  Object.defineProperty(router, 'register', { value: own, configurable: true, writable: true });
  return () => {
    isOn = false;
    if (Reflect.get(Object(router), 'register') === own) Reflect.deleteProperty(Object(router), 'register');
  };
}

function traceRegistered(prototype: object): () => void {
  let isOn = true;
  const undo = replaceMethod(
    prototype,
    'register',
    (register) =>
      function (this: unknown, ...args) {
        const layer: unknown = Reflect.apply(register, this, args);
        traceLast(layer, () => isOn);
        return layer;
      },
  );
  return () => {
    isOn = false;
    undo();
  };
}

function traceLast(given: unknown, isOn: () => boolean): void {
  const { stack, methods } = Object(given) as Layer;
  // Without methods it is middleware.
  if (!Array.isArray(stack) || !Array.isArray(methods) || methods.length === 0) return;
  const at = stack.length - 1;
  const handler: unknown = stack[at];
  if (typeof handler !== 'function' || 'router' in handler) return;
  stack[at] = traceHandler(handler as AnyFunction, kindOf(methods), isOn);
}

function kindOf(methods: readonly unknown[]): HandlerKind {
  // A route for GET answers HEAD too.
  const own = methods.filter((method) => method !== 'HEAD' || methods.length === 1);
  const label = own.length > 3 ? 'ALL' : own.join('|');
  return {
    nameOf([context]) {
      // The path as it was registered, with the prefixes of all routers around it.
      const path: unknown = Reflect.get(Object(context), '_matchedRoute');
      return typeof path === 'string' ? `${label} ${path}` : undefined;
    },
  };
}
