// The pools of mongodb, one for each server: every event of the driver's monitoring of connections passes one method.
import { systemClock } from '../../../src/clock.js';
import type { Library } from '../../../src/loading/library.js';
import { type AnyFunction, replaceMethod } from '../../../src/loading/replace.js';
import { quietly } from '../quietly.js';
import { type FoundPool, foundPool, type PoolKind, type PoolRequest } from './found-pool.js';
import type { PoolIdentity } from './pool-identity.js';

interface HostAddress {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly socketPath?: unknown;
}

interface MongoPool {
  readonly options: {
    readonly hostAddress: HostAddress;
    readonly maxPoolSize: number;
    readonly minPoolSize: number;
  };
  readonly closed: boolean;
  readonly availableConnectionCount: number;
  readonly pendingConnectionCount: number;
  readonly currentCheckedOutCount: number;
  readonly waitQueueSize: number;
  readonly server?: {
    readonly topology?: {
      readonly client?: {
        readonly s?: { readonly sessionPool?: { readonly acquire?: { readonly __wrapped?: unknown } } };
      };
    };
  };
}

// What only pools emit.
const POOL_EVENTS: ReadonlySet<unknown> = new Set([
  'connectionCreated',
  'connectionReady',
  'connectionClosed',
  'connectionCheckedOut',
  'connectionCheckedIn',
  'connectionCheckOutFailed',
]);

/** What of the events is read. */
interface PoolEvent {
  readonly name?: unknown;
  readonly connectionId?: unknown;
  readonly durationMS?: unknown;
  readonly reason?: unknown;
}

interface Connections {
  readonly borrowed: Map<unknown, PoolRequest>;
  /** When each connection was begun, in milliseconds. */
  readonly creating: Map<unknown, number>;
}

const connectionsOf = new WeakMap<object, Connections>();

const kind: PoolKind<MongoPool> = {
  // The queue has let go of the requests for which a connection is created.
  read: (pool) => ({
    used: pool.currentCheckedOutCount,
    idle: pool.availableConnectionCount,
    pending: pool.waitQueueSize + pool.pendingConnectionCount,
    limit: pool.options.maxPoolSize > 0 ? pool.options.maxPoolSize : Number.NaN,
    idleMin: pool.options.minPoolSize,
  }),
  ended: (pool) => pool.closed && pool.currentCheckedOutCount === 0,
  // OpenTelemetry's instrumentation counts sessions as connections, in every pool of a client.
  twin: (pool) => ({
    connections: pool.server?.topology?.client?.s?.sessionPool?.acquire?.__wrapped === true,
  }),
};

/** mongodb. */
export const mongodbLibrary: Library = {
  name: 'mongodb',
  from: '6.9.0',
  below: '8.0.0',
  // The pool inherits the method from the base of everything in the driver that emits events.
  file: 'lib/mongo_types.js',
  patch(exports) {
    const { prototype } = (exports as { readonly TypedEventEmitter: { readonly prototype: object } }).TypedEventEmitter;
    return { undo: replaceMethod(prototype, 'emitAndLog', patchEmit) };
  },
};

function patchEmit(emitAndLog: AnyFunction): AnyFunction {
  return {
    emitAndLog(this: object, ...args: unknown[]): unknown {
      const [name, event] = args;
      if (POOL_EVENTS.has(name)) quietly(() => happened(this as MongoPool, event as PoolEvent));
      return emitAndLog.apply(this, args);
    },
  }.emitAndLog;
}

function happened(pool: MongoPool, event: PoolEvent): void {
  const found = foundPool(pool, kind, identityOf);
  const { borrowed, creating } = connections(pool);
  const { name, connectionId } = event;
  if (name === 'connectionCheckedOut') {
    borrowed.set(connectionId, found.obtained(since(found, event)));
  } else if (name === 'connectionCheckedIn') {
    const loan = borrowed.get(connectionId);
    if (loan !== undefined && borrowed.delete(connectionId)) found.returned(loan);
  } else if (name === 'connectionCreated') {
    creating.set(connectionId, systemClock.monotonicMs());
  } else if (name === 'connectionReady') {
    const sinceMs = creating.get(connectionId);
    if (sinceMs !== undefined && creating.delete(connectionId)) found.created(sinceMs);
  } else if (name === 'connectionClosed') {
    creating.delete(connectionId);
    borrowed.delete(connectionId);
  } else if (name === 'connectionCheckOutFailed' && event.reason === 'timeout') {
    found.timedOut();
  }
}

// An event does not tell which request it ends, only for how long it waited, in whole milliseconds.
function since(found: FoundPool, { durationMS }: PoolEvent): PoolRequest {
  const now = found.request();
  return typeof durationMS === 'number' ? { ...now, sinceMs: now.sinceMs - durationMS } : now;
}

function connections(pool: MongoPool): Connections {
  let known = connectionsOf.get(pool);
  if (known === undefined) {
    known = { borrowed: new Map(), creating: new Map() };
    connectionsOf.set(pool, known);
  }
  return known;
}

// A pool serves every database of its server.
function identityOf({ options: { hostAddress } }: MongoPool): PoolIdentity {
  const { host, port, socketPath } = hostAddress;
  return { system: 'mongodb', address: socketPath ?? host, port, defaultPort: 27_017 };
}
