// The pools of libraries: found at their first use, held weakly, gone when they have ended or were garbage-collected.
import { activeSpan } from '../../../src/active-span.js';
import { systemClock } from '../../../src/clock.js';
import type { ExemplarSpan } from '../../../src/recorder/exemplars.js';
import { type PoolReading, type PoolSource, sharedState } from '../../../src/shared-state.js';
import { quietly } from '../quietly.js';
import { joinPools, leavePools } from './pool-groups.js';
import { type PoolIdentity, poolAttributes } from './pool-identity.js';
import type { PoolSeries, UntoldFigure } from './pool-series.js';

/** What a pool says of itself; what it cannot tell is left out. */
export type PoolFigures = Partial<Omit<PoolReading, 'attributes' | 'twin'>>;

/** What is asked of the pools of one library; none of it may change the pool. */
export interface PoolKind<P extends object> {
  read(pool: P, found: FoundPool): PoolFigures;
  /** Whether the application has closed the pool and no connection is left. */
  ended(pool: P): boolean;
  /** What OpenTelemetry's own instrumentation records of this pool at the moment. @default nothing */
  twin?(pool: P): Partial<PoolReading['twin']>;
  /** What cannot be known of such pools. */
  readonly untold?: readonly UntoldFigure[];
}

/** A request for a connection, or a loan of one: since when, and for whom. */
export interface PoolRequest {
  readonly sinceMs: number;
  readonly span: ExemplarSpan | undefined;
}

const pools = new WeakMap<object, FoundPool>();
/** The pools that this copy of the package found. */
const living = new Set<FoundPool>();
const collected = new FinalizationRegistry<FoundPool>((pool) => pool.end());

/** Tells which pool it is; undefined while that is not known, and nothing is recorded until then. */
export type Identify<P extends object> = (pool: P) => PoolIdentity | undefined;

/**
 * The pool as it is recorded; the same object for the same pool. `identity`, where it is a function, is called with the
 * pool once something is recorded.
 */
export function foundPool<P extends object>(
  pool: P,
  kind: PoolKind<P>,
  identity: PoolIdentity | Identify<P>,
): FoundPool {
  let found = pools.get(pool);
  if (found === undefined) {
    const identify = typeof identity === 'function' ? identity : () => identity;
    found = new FoundPool(pool, kind as PoolKind<object>, identify as Identify<object>);
    pools.set(pool, found);
    collected.register(pool, found);
  }
  return found;
}

/** The pool as it is recorded, where it was found already. */
export function knownPool(pool: object): FoundPool | undefined {
  return pools.get(pool);
}

/** Takes every pool that this copy found out of the metrics; those that are used again come back. */
export function endPools(): void {
  for (const pool of living) pool.end();
}

/** One pool of a library; none of the calls about its connections throws. */
export class FoundPool implements PoolSource {
  readonly #pool: WeakRef<object>;
  readonly #kind: PoolKind<object>;
  readonly #identify: Identify<object>;
  #identity: PoolIdentity | undefined;
  #series: PoolSeries | undefined;

  constructor(pool: object, kind: PoolKind<object>, identify: Identify<object>) {
    this.#pool = new WeakRef(pool);
    this.#kind = kind;
    this.#identify = identify;
    this.#show();
  }

  /** A connection is requested now. */
  request(): PoolRequest {
    return { sinceMs: systemClock.monotonicMs(), span: activeSpan() };
  }

  /** A request got its connection; returns the loan. */
  obtained({ sinceMs, span }: PoolRequest): PoolRequest {
    const nowMs = systemClock.monotonicMs();
    this.#join()?.waited(nowMs - sinceMs, span);
    return { sinceMs: nowMs, span };
  }

  /** A connection that was borrowed came back. */
  returned({ sinceMs, span }: PoolRequest): void {
    this.#join()?.used(systemClock.monotonicMs() - sinceMs, span);
  }

  /** A connection that was begun at `sinceMs` is open. */
  created(sinceMs: number): void {
    this.#join()?.created(systemClock.monotonicMs() - sinceMs);
  }

  /** A request waited for too long. */
  timedOut(): void {
    this.#join()?.timedOut();
  }

  read(): PoolReading | undefined {
    const pool = this.#pool.deref();
    if (pool === undefined || this.#kind.ended(pool)) {
      this.end();
      return undefined;
    }
    const series = this.#join();
    if (series === undefined) return undefined;
    const { connections = false, pending = false } = this.#kind.twin?.(pool) ?? {};
    return {
      ...NOTHING,
      ...this.#kind.read(pool, this),
      attributes: series.attributes,
      twin: { connections, pending },
    };
  }

  refresh(): void {
    this.#series?.refresh();
  }

  /** Takes the pool out of the metrics; should it be used again, it comes back. */
  end(): void {
    living.delete(this);
    sharedState().pools?.delete(this);
    if (this.#series !== undefined) leavePools(this.#series);
    this.#series = undefined;
  }

  #show(): void {
    const state = sharedState();
    state.pools ??= new Set();
    state.pools.add(this);
    living.add(this);
  }

  #join(): PoolSeries | undefined {
    if (this.#series !== undefined) return this.#series;
    const pool = this.#pool.deref();
    if (pool === undefined) return undefined;
    this.#series = quietly(() => {
      this.#identity ??= this.#identify(pool);
      return this.#identity && joinPools(poolAttributes(this.#identity), this.#kind.untold ?? []);
    });
    if (this.#series !== undefined) this.#show();
    return this.#series;
  }
}

const NOTHING = {
  used: Number.NaN,
  idle: Number.NaN,
  pending: Number.NaN,
  limit: Number.NaN,
  idleMin: Number.NaN,
  idleMax: Number.NaN,
} as const;
