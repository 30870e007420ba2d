// What each flow has read of the watched objects: kept in the async context, and handed from an async function to whoever
// waited for it, which the context by itself does not do.
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import type { AskedAt } from './asked-at.js';
import { flowsAreCheap } from './flows.js';
import { guarded } from './guarded.js';

/** A value of a property as one write left it. */
export interface Version {
  readonly number: number;
  readonly at: AskedAt | undefined;
}

export interface Read {
  readonly version: Version;
  readonly at: AskedAt;
  readonly stretch: number;
}

/** What a flow has read, by the versions of an object and the property. A map is never changed once it is in a context. */
type Reads = ReadonlyMap<object, ReadonlyMap<PropertyKey, Read>>;

let flows: AsyncLocalStorage<Reads> | undefined;

/** Follows flows from now on. */
export function followReads(): void {
  if (flows !== undefined) return;
  flows = new AsyncLocalStorage();
  // Where contexts are kept by hooks, ours have to be of the same kind, so that they come in their order.
  if (flowsAreCheap()) passOn(flows);
  else passOnById(flows);
}

/** What the flow has read of that property; undefined where it has not. */
export function readOf(object: object, property: PropertyKey): Read | undefined {
  return flows?.getStore()?.get(object)?.get(property);
}

/** The flow has read it now, or knows it because it has written it. */
export function noteRead(object: object, property: PropertyKey, read: Read): void {
  const before = flows?.getStore();
  const ofObject = new Map(before?.get(object));
  // The last ones are the latest.
  ofObject.delete(property);
  ofObject.set(property, read);
  if (ofObject.size > MOST_READS) for (const oldest of firstOf(ofObject.keys())) ofObject.delete(oldest);
  flows?.enterWith(new Map(before).set(object, ofObject));
}

const MOST_READS = 100;

function passOn(contexts: AsyncLocalStorage<Reads>): void {
  const parents = new WeakMap<object, object>();
  const ends = new WeakMap<object, Reads>();
  // Other runtimes have none, and bundlers would make a named import of it.
  process.getBuiltinModule('node:v8').promiseHooks?.createHook({
    init(promise, parent) {
      if (parent !== undefined) parents.set(promise, parent);
    },
    settled(promise) {
      const reads = contexts.getStore();
      if (reads !== undefined) ends.set(promise, reads);
    },
    before(promise) {
      const parent = parents.get(promise);
      adopt(contexts, parent === undefined ? undefined : ends.get(parent));
    },
  });
}

/** Promises that are remembered by number, where it is not told when they are gone. */
const MOST_PROMISES = 10_000;

function passOnById(contexts: AsyncLocalStorage<Reads>): void {
  const parents = new Map<number, number>();
  const ends = new Map<number, Reads>();
  createHook({
    init(id, type, parent) {
      if (type === 'PROMISE') keep(parents, id, parent);
    },
    promiseResolve(id) {
      const reads = contexts.getStore();
      if (reads !== undefined) keep(ends, id, reads);
    },
    before(id) {
      const parent = parents.get(id);
      adopt(contexts, parent === undefined ? undefined : ends.get(parent));
    },
  }).enable();
}

function keep<T>(map: Map<number, T>, id: number, value: T): void {
  map.set(id, value);
  if (map.size > MOST_PROMISES) for (const oldest of firstOf(map.keys())) map.delete(oldest);
}

function firstOf<T>(all: Iterable<T>): readonly T[] {
  for (const one of all) return [one];
  return [];
}

function adopt(contexts: AsyncLocalStorage<Reads>, theirs: Reads | undefined): void {
  if (theirs === undefined) return;
  guarded(() => {
    const own = contexts.getStore();
    if (own !== theirs) contexts.enterWith(own === undefined ? theirs : latestOf(own, theirs));
  });
}

function latestOf(own: Reads, theirs: Reads): Reads {
  const all = new Map(own);
  for (const [object, reads] of theirs) {
    const known = own.get(object);
    if (known === reads) continue;
    const merged = new Map(known);
    for (const [property, read] of reads) {
      const before = merged.get(property);
      if (before === undefined || before.stretch < read.stretch) merged.set(property, read);
    }
    all.set(object, merged);
  }
  return all;
}
