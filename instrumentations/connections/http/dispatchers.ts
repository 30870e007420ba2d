// What undici's dispatchers are, told by what they hold: their classes have other names in other copies.

/** A dispatcher, as far as it is looked at. */
export interface Dispatcher {
  dispatch(options: object, handler: unknown): boolean;
  readonly pipelining?: unknown;
  readonly closed?: unknown;
  readonly destroyed?: unknown;
}

/** What waits in front of a dispatcher. */
export interface DispatcherKind {
  /** Where it sends requests to, such as `https://api.example.com`. */
  readonly origin: string;
  /** Whether it hands requests on to clients of its own. */
  readonly isPool: boolean;
  /** Requests that it may have under way at a time; Infinity without a limit, NaN where that depends on the other side. */
  capacity(): number;
}

/** The kind of a pool or client of undici 6 to 8; undefined of a dispatcher that only hands on to others. */
export function dispatcherKind(dispatcher: object): DispatcherKind | undefined {
  const origin = originOf(member(dispatcher, 'url'));
  if (origin === undefined) return undefined;
  const isPool = has(dispatcher, 'connections') && has(dispatcher, 'clients');
  if (!isPool && !has(dispatcher, 'pipelining')) return undefined;
  // What it reads may not keep the dispatcher alive.
  const target = new WeakRef(dispatcher);
  return {
    origin,
    isPool,
    capacity() {
      const living = target.deref();
      if (living === undefined) return Number.NaN;
      return isPool ? poolCapacity(living) : clientCapacity(living);
    },
  };
}

function poolCapacity(pool: object): number {
  const connections = member(pool, 'connections');
  if (typeof connections !== 'number') return Number.POSITIVE_INFINITY;
  const clients = member(pool, 'clients');
  const [first] = Array.isArray(clients) ? (clients as readonly unknown[]) : [];
  if (typeof first === 'object' && first !== null) return connections * clientCapacity(first);
  const options = member(pool, 'options') as { readonly pipelining?: unknown } | undefined;
  return connections * atLeastOne(options?.pipelining);
}

// A connection of HTTP/2 takes as many requests as the server lets it.
function clientCapacity(client: object): number {
  const context = member(client, 'http context') as { readonly version?: unknown } | undefined | null;
  return context?.version === 'h2' ? Number.NaN : atLeastOne((client as Dispatcher).pipelining);
}

function atLeastOne(value: unknown): number {
  return typeof value === 'number' && value > 1 ? value : 1;
}

function originOf(url: unknown): string | undefined {
  if (typeof url !== 'object' || url === null) return undefined;
  const { origin } = url as { readonly origin?: unknown };
  return typeof origin === 'string' ? origin : undefined;
}

function symbolOf(holder: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(holder).find((symbol) => symbol.description === description);
}

function has(holder: object, description: string): boolean {
  return symbolOf(holder, description) !== undefined;
}

function member(holder: object, description: string): unknown {
  const symbol = symbolOf(holder, description);
  return symbol === undefined ? undefined : (holder as Readonly<Record<symbol, unknown>>)[symbol];
}
