// http.route as Express 4 and 5 tell it on the request: the pattern of the route, never what a client sent. Read within
// captures of stalls too: no regular expressions, which would change what `RegExp.$1` of the application is.

/** What is read of an Express request; every field may be missing or something else. */
export interface ExpressRequest {
  readonly route?: unknown;
  readonly app?: unknown;
  readonly baseUrl?: unknown;
}

interface Layer {
  readonly route?: unknown;
  readonly handle?: { readonly stack?: unknown };
  /** Express 5 with router 2.3 or later: the path as the application wrote it. */
  readonly rawPath?: unknown;
  /** Express 4. */
  readonly regexp?: { readonly source?: unknown; readonly fast_slash?: unknown };
  readonly keys?: readonly { readonly name?: unknown }[];
  /** Express 5: the layer was mounted without a path. */
  readonly slash?: unknown;
  readonly matchers?: readonly { readonly name?: unknown }[];
}

// Where routers of Express 5.0 to 5.2 are mounted: a path without parameters, which they do not keep as text.
const PLAIN_PATH = Symbol('plain path');

interface Application {
  readonly parent?: Application;
  readonly mountpath?: unknown;
  readonly router?: unknown;
  readonly _router?: unknown;
}

/** Creates a function that returns the route of a request; undefined where Express does not tell it for certain. */
export function createExpressRoutes(): (request: ExpressRequest) => string | undefined {
  // A route's place among its application's routers is looked up once.
  const known = new WeakMap<object, string | false>();
  return (request) => {
    const { route } = request;
    if (typeof route !== 'object' || route === null) return undefined;
    let name = known.get(route);
    if (name === undefined) {
      name = findRoute(route, request) ?? false;
      known.set(route, name);
    }
    return name === false ? undefined : name;
  };
}

// `baseUrl` would be easy and wrong: it is what the client sent ("/users/4711" where the router is mounted at "/users/:id").
function findRoute(route: { readonly path?: unknown }, { app, baseUrl }: ExpressRequest): string | undefined {
  const { path } = route;
  if (typeof path !== 'string' || typeof app !== 'function') return undefined;
  const application = app as unknown as Application;
  const mounts: (string | typeof PLAIN_PATH)[] = [];
  // Reading `router` of an Express 4 application throws; `_router` is what it has instead.
  collectMounts(stackOf(application._router ?? application.router), route, '', mounts, 0);
  const [mount] = mounts;
  // Mounted twice, the same route cannot tell which of them a request took.
  if (mount === undefined || mounts.length > 1) return undefined;
  const prefix = applicationPath(application);
  if (prefix === undefined || (mount === PLAIN_PATH && typeof baseUrl !== 'string')) return undefined;
  // Without parameters all clients send the same, but for upper and lower case.
  const base = mount === PLAIN_PATH ? String(baseUrl).toLowerCase() : `${prefix}${mount}`;
  return base !== '' && path === '/' ? base : `${base}${path}`;
}

function applicationPath(application: Application): string | undefined {
  let path = '';
  for (let app = application; app.parent !== undefined && app.parent !== null; app = app.parent) {
    if (typeof app.mountpath !== 'string') return undefined;
    path = `${withoutSlash(app.mountpath)}${path}`;
  }
  return path;
}

/** Adds to `mounts` the path of each router that holds `route`; nothing where a router's path cannot be told. */
function collectMounts(
  stack: readonly Layer[],
  route: unknown,
  base: string | typeof PLAIN_PATH,
  mounts: (string | typeof PLAIN_PATH)[],
  depth: number,
): void {
  // Routers may contain each other.
  if (depth > 16) return;
  for (const layer of stack) {
    if (layer.route === route) {
      mounts.push(base);
      continue;
    }
    const inner = stackOf(layer.handle);
    if (inner.length === 0) continue;
    const mount = mountPath(layer);
    if (mount === undefined) continue;
    const path = mount === PLAIN_PATH || base === PLAIN_PATH ? PLAIN_PATH : `${base}${mount}`;
    collectMounts(inner, route, path, mounts, depth + 1);
  }
}

function mountPath(layer: Layer): string | typeof PLAIN_PATH | undefined {
  if (layer.slash === true || layer.regexp?.fast_slash === true) return '';
  if (typeof layer.rawPath === 'string') return withoutSlash(layer.rawPath);
  if (layer.rawPath !== undefined) return undefined;
  const keys = layer.keys ?? [];
  if (typeof layer.regexp?.source === 'string') return pathOfSource(layer.regexp.source, keys);
  const [matcher] = layer.matchers ?? [];
  // `keys` are those of the last match, and the route could not have been reached without one.
  return matcher !== undefined && matcher.name !== 'regexpMatcher' && keys.length === 0 ? PLAIN_PATH : undefined;
}

// Express 4 keeps only the expression that it made of a path: /^\/users(?:\/([^/]+?))\/?(?=\/|$)/i for "/users/:id".
const PARAMETER = '(?:\\/([^/]+?))';
const END = '\\/?(?=\\/|$)';

function pathOfSource(source: string, keys: readonly { readonly name?: unknown }[]): string | undefined {
  const begin = source.startsWith('^') ? 1 : 0;
  const parts = source.slice(begin, source.endsWith(END) ? -END.length : undefined).split(PARAMETER);
  if (parts.length !== keys.length + 1) return undefined;
  const path = parts
    .map((part, index) => (index === 0 ? part : `/:${String(keys[index - 1]?.name)}${part}`))
    .join('')
    .replaceAll('\\/', '/')
    .replaceAll('\\.', '.')
    .replaceAll('\\-', '-');
  // Anything that is still an expression came from one, or from a path that says more than names.
  const [first, ...segments] = path.split('/');
  return first === '' && segments.every(isPlainSegment) ? path : undefined;
}

const PLAIN = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:.~%@-');

const isPlainSegment = (segment: string): boolean => segment !== '' && [...segment].every((char) => PLAIN.has(char));

function stackOf(router: unknown): readonly Layer[] {
  const stack = typeof router === 'function' ? (router as { readonly stack?: unknown }).stack : undefined;
  return Array.isArray(stack) ? stack : [];
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
