// Handlers of Express 4 and 5: the last function that each call such as `app.get(path, …)` brings.
import { loadedCommonJsModules } from '../../src/loading/commonjs-modules.js';
import type { Library } from '../../src/loading/library.js';
import { type AnyFunction, replaceMethod, undoAll } from '../../src/loading/replace.js';
import { createExpressRoutes, type ExpressRequest } from '../http/express-route.js';
import { type HandlerKind, traceHandler } from './handler-call.js';
import { onResponseEnd } from './response-end.js';

interface Layer {
  handle?: unknown;
  readonly method?: unknown;
  readonly route?: unknown;
}

interface Route {
  readonly path?: unknown;
  readonly stack: readonly Layer[];
}

const routeOf = createExpressRoutes();

export const express: Library = {
  name: 'express',
  from: '4.0.0',
  below: '6.0.0',
  patch(exports) {
    const { Route: route } = Object(exports) as { readonly Route?: { readonly prototype: object } };
    if (route === undefined) throw new TypeError('Expected `Route` to be a class');
    return { undo: traceRoutes(route.prototype) };
  },
};

/**
 * Traces the handlers that an application or a router of Express gets from now on, and those that a router has; undefined
 * for others. The router of an application is not asked for: it is made with the settings of that moment.
 */
export function traceExpress(app: unknown): (() => void) | undefined {
  if (typeof app !== 'function' || !['handle', 'use', 'route'].every((name) => name in app)) return undefined;
  let isOn = true;
  const prototypes = new Set(loadedRoutes());
  const { stack, _router } = app as unknown as Record<string, unknown>;
  const known: unknown = Array.isArray(stack) ? stack : Reflect.get(Object(_router), 'stack');
  if (Array.isArray(known)) traceStack(known, () => isOn, prototypes, 0);
  const undos = [...prototypes].map(traceRoutes);
  return () => {
    isOn = false;
    undoAll(undos.splice(0));
  };
}

// What makes the routes of Express 5 and 4; the class is not to be had from an application.
const ROUTE_FILE = /[\\/](?:router[\\/]lib|express[\\/]lib[\\/]router)[\\/]route\.js$/;

function loadedRoutes(): object[] {
  return loadedCommonJsModules().flatMap(([filename, { exports }]) =>
    ROUTE_FILE.test(filename) && typeof exports === 'function' ? [exports.prototype as object] : [],
  );
}

function traceStack(stack: readonly Layer[], isOn: () => boolean, prototypes: Set<object>, depth: number): void {
  // Routers may contain each other.
  if (depth > 16) return;
  for (const layer of stack) {
    const inner: unknown = typeof layer.handle === 'function' ? Reflect.get(layer.handle, 'stack') : undefined;
    if (Array.isArray(inner)) traceStack(inner, isOn, prototypes, depth + 1);
    const route = layer.route as Route | undefined;
    if (route === undefined || route === null || !Array.isArray(route.stack)) continue;
    prototypes.add(Object.getPrototypeOf(route) as object);
    const layers: readonly Layer[] = route.stack;
    for (const method of new Set(layers.map((one) => one.method))) {
      const own = layers.filter((one) => one.method === method);
      traceLast(route, own, isOn);
    }
  }
}

// The functions that register handlers: one for each method of HTTP, and `all`.
function traceRoutes(prototype: object): () => void {
  let isOn = true;
  const names = Object.keys(prototype).filter((name) => /^[a-z][a-z-]*$/.test(name) && name !== 'dispatch');
  const undos = names.map((name) =>
    replaceMethod(
      prototype,
      name,
      (original) =>
        function (this: Route, ...args) {
          const before = Array.isArray(this?.stack) ? this.stack.length : 0;
          const result: unknown = Reflect.apply(original, this, args);
          if (Array.isArray(this?.stack)) traceLast(this, this.stack.slice(before), () => isOn);
          return result;
        },
    ),
  );
  return () => {
    isOn = false;
    undoAll(undos.splice(0));
  };
}

function traceLast(route: Route, layers: readonly Layer[], isOn: () => boolean): void {
  const layer = layers.at(-1);
  const handler = layer?.handle;
  // With four parameters it handles errors.
  if (layer === undefined || typeof handler !== 'function' || handler.length > 3) return;
  const method = typeof layer.method === 'string' ? layer.method.toUpperCase() : 'ALL';
  layer.handle = traceHandler(handler as AnyFunction, kindOf(route, method), isOn);
}

function kindOf(route: Route, method: string): HandlerKind {
  return {
    nameOf([request]) {
      // Where a router is mounted cannot always be told; the path within it can.
      const path = routeOf(request as ExpressRequest) ?? route.path;
      return typeof path === 'string' ? `${method} ${path}` : undefined;
    },
    watch([request, response, next, ...rest], end) {
      function passOn(this: unknown, ...given: unknown[]): unknown {
        const [error] = given;
        const isError = error !== undefined && error !== null && error !== 'route' && error !== 'router';
        end(isError ? error : undefined);
        return Reflect.apply(next as AnyFunction, this, given);
      }
      return {
        args: [request, response, typeof next === 'function' ? passOn : next, ...rest],
        returned: () => onResponseEnd(response, () => end()),
      };
    },
  };
}
