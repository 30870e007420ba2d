// Handlers of Hono: whatever is added to the router of an application comes with its method and its whole path.
import type { Library } from '../../src/loading/library.js';
import { type AnyFunction, replaceMethod, undoAll } from '../../src/loading/replace.js';
import { type HandlerKind, traceHandler } from './handler-call.js';

/** Where Hono keeps the handler of an application that has an error handler of its own. */
const COMPOSED = '__COMPOSED_HANDLER';

// The routers that applications have: `hono` and `hono/quick` the first, `hono/tiny` the second.
const ROUTERS = [
  ['SmartRouter', 'smart-router'],
  ['PatternRouter', 'pattern-router'],
] as const;

/** The modules of Hono that handlers are added to, in both formats. */
export const hono: readonly Library[] = ROUTERS.flatMap(([name, folder]) =>
  ['dist', 'dist/cjs'].map((build) => ({
    name: 'hono',
    from: '4.0.0',
    below: '5.0.0',
    file: `${build}/router/${folder}/router.js`,
    patch: (exports: unknown) => {
      const router: unknown = Reflect.get(Object(exports), name);
      if (typeof router !== 'function') throw new TypeError(`Expected \`${name}\` to be a class`);
      return { undo: traceAdded(router.prototype as object) };
    },
  })),
);

/** Traces the handlers that an application of Hono gets from now on; undefined for others. */
export function traceHono(app: unknown): (() => void) | undefined {
  if (typeof app !== 'object' || app === null || !('fetch' in app) || !('basePath' in app)) return undefined;
  const router: unknown = Reflect.get(app, 'router');
  if (typeof router !== 'object' || router === null) return undefined;
  const add: unknown = Reflect.get(router, 'add');
  if (typeof add !== 'function') return undefined;
  let isOn = true;
  const own = function (this: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(add, this, isOn ? withTraced(args, () => isOn) : args);
  };
  Object.defineProperty(router, 'add', { value: own, configurable: true, writable: true });
  return () => {
    isOn = false;
    if (Reflect.get(router, 'add') === own) Reflect.deleteProperty(router, 'add');
  };
}

function traceAdded(prototype: object): () => void {
  let isOn = true;
  const undo = replaceMethod(
    prototype,
    'add',
    (add) =>
      function (this: unknown, ...args) {
        return Reflect.apply(
          add,
          this,
          withTraced(args, () => isOn),
        );
      },
  );
  return () => {
    isOn = false;
    undoAll([undo]);
  };
}

// `add(method, path, [handler, route])`: the route keeps the handler as it is, for an application that takes it over.
function withTraced([method, path, entry, ...rest]: unknown[], isOn: () => boolean): unknown[] {
  if (!Array.isArray(entry) || typeof method !== 'string' || typeof path !== 'string') {
    return [method, path, entry, ...rest];
  }
  const [handler, ...route] = entry as unknown[];
  if (typeof handler !== 'function' || !isHandler(handler)) return [method, path, entry, ...rest];
  const name = `${method} ${path}`;
  const kind: HandlerKind = { nameOf: () => name };
  return [method, path, [traceHandler(handler as AnyFunction, kind, isOn), ...route], ...rest];
}

// As Hono's own list of routes tells them apart: middleware takes `next` as well.
function isHandler(handler: object): boolean {
  const composed: unknown = Reflect.get(handler, COMPOSED);
  return (typeof composed === 'function' ? composed : (handler as AnyFunction)).length < 2;
}
