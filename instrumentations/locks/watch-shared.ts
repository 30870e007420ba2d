// For tests and development: an object that tells when a flow writes over what another one wrote since it read.
import { types } from 'node:util';
import { disguise } from '../../src/loading/replace.js';
import { writeLine } from '../../src/log.js';
import { text, unexpected } from '../../src/option-values.js';
import { bounded } from '../../src/stalls/blame/code-names.js';
import type { CodePlace } from '../../src/stalls/blame/stall-report.js';
import { type AskedAt, askedAt, framesOfAsker, haveCommonCode, placeOfAsker } from './asked-at.js';
import { guarded } from './guarded.js';
import { followReads, noteRead, readOf, type Version } from './shared-reads.js';
import { currentStretch } from './stretch.js';

/** An update that was lost: somebody wrote a property from a value that was no longer there. */
export interface LostUpdate {
  /** The name that `watchShared` was given. */
  readonly object: string;
  readonly property: string;
  /** Where the flow read whose write came too late. */
  readonly read: CodePlace | undefined;
  /** Where it wrote. */
  readonly wrote: CodePlace | undefined;
  /** Where the other flow had written in between. */
  readonly lost: CodePlace | undefined;
}

export interface WatchSharedOptions {
  /** Told of each lost update. @default a line on standard error, once for each pair of places */
  readonly onLostUpdate?: (update: LostUpdate) => void;
}

/** Objects with more properties than this, such as caches by id, forget what was first written. */
const MOST_PROPERTIES = 1000;
const MOST_TOLD = 100;

const FIRST: Version = { number: 0, at: undefined };

/**
 * Returns `object` seen through a proxy that reports lost updates: a flow read a property, awaited, another flow wrote it,
 * and the first wrote over it. Nested objects are not looked into, nor are the methods of built-in objects, such as a Map,
 * and of classes with private members: they run on the object itself. For tests and development: following flows makes
 * every promise of the process dearer. Throws a TypeError for what is no object and for an empty name.
 *
 * @example
 * const account = watchShared({ balance: 0 }, 'account');
 * account.balance += 1;
 */
export function watchShared<T extends object>(object: T, name: string, options: WatchSharedOptions = {}): T {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null)
    throw unexpected('object', 'an object', object);
  text.check(name, 'name');
  const { onLostUpdate = createLog() } = options;
  const versions = new Map<PropertyKey, Version>();
  const ownMethod = hasInternals(object) ? methodsOn(object, () => proxy) : undefined;
  followReads();

  function read(property: PropertyKey, at: AskedAt): void {
    const version = versions.get(property) ?? FIRST;
    noteRead(versions, property, { version, at, stretch: currentStretch() });
  }

  function written(property: PropertyKey, at: AskedAt): void {
    const seen = readOf(versions, property);
    const before = versions.get(property) ?? FIRST;
    const version = { number: before.number + 1, at };
    versions.delete(property);
    versions.set(property, version);
    if (versions.size > MOST_PROPERTIES) for (const oldest of [...versions.keys()].slice(0, 1)) versions.delete(oldest);
    if (seen === undefined) return;
    // What the flow writes next, it writes knowing this.
    noteRead(versions, property, { ...seen, version });
    if (seen.version.number === before.number || seen.stretch === currentStretch()) return;
    const [readFrames, frames] = [framesOfAsker(seen.at), framesOfAsker(at)];
    // Timers and listeners run in the context of whoever made them, and know nothing of what was read then.
    if (!haveCommonCode(readFrames, frames)) return;
    onLostUpdate({
      object: name,
      property: String(property),
      read: placeOfAsker(readFrames),
      wrote: placeOfAsker(frames),
      lost: before.at === undefined ? undefined : placeOfAsker(framesOfAsker(before.at)),
    });
  }

  const traps = {
    get(target: T, property: PropertyKey, receiver: unknown): unknown {
      const at = askedAt(traps.get);
      const value: unknown = Reflect.get(target, property, receiver === proxy ? target : receiver);
      const isOwn = Object.hasOwn(target, property);
      if (typeof value === 'function' && !isOwn)
        return property === 'constructor' ? value : (ownMethod?.(value) ?? value);
      guarded(() => read(property, at));
      return value;
    },
    has(target: T, property: PropertyKey): boolean {
      const at = askedAt(traps.has);
      guarded(() => read(property, at));
      return Reflect.has(target, property);
    },
    set(target: T, property: PropertyKey, value: unknown, receiver: unknown): boolean {
      if (receiver !== proxy) return Reflect.set(target, property, value, receiver);
      const at = askedAt(traps.set);
      const isWritten = Reflect.set(target, property, value, target);
      if (isWritten) guarded(() => written(property, at));
      return isWritten;
    },
    deleteProperty(target: T, property: PropertyKey): boolean {
      const at = askedAt(traps.deleteProperty);
      const isDeleted = Reflect.deleteProperty(target, property);
      if (isDeleted) guarded(() => written(property, at));
      return isDeleted;
    },
  };
  const proxy: T = new Proxy(object, traps);
  return proxy;
}

// Methods that would not find what they need on a proxy run on the object itself; each is always the same function.
function methodsOn(object: object, proxyOf: () => object): (method: unknown) => unknown {
  const known = new WeakMap<object, unknown>();
  return (method) => {
    const original = method as (this: unknown, ...args: unknown[]) => unknown;
    let replacement = known.get(original);
    if (replacement === undefined) {
      replacement = disguise(function (this: unknown, ...args: unknown[]) {
        const result = Reflect.apply(original, this === proxyOf() ? object : this, args);
        return result === object ? proxyOf() : result;
      }, original);
      known.set(original, replacement);
    }
    return replacement;
  };
}

// Private members, as they are or as compilers write them for older engines, show in the source of the class alone.
const PRIVATE = /#[\p{ID_Start}$_]|__classPrivate|WeakMap|WeakSet/u;

function hasInternals(object: object): boolean {
  if (!Array.isArray(object) && isBuiltIn(object)) return true;
  for (let one: unknown = Object.getPrototypeOf(object); one !== null; one = Object.getPrototypeOf(one)) {
    const maker: unknown = Object.getOwnPropertyDescriptor(one, 'constructor')?.value;
    if (typeof maker === 'function' && PRIVATE.test(Function.prototype.toString.call(maker))) return true;
  }
  return false;
}

function isBuiltIn(object: object): boolean {
  const { isMap, isSet, isWeakMap, isWeakSet, isDate, isPromise, isRegExp, isAnyArrayBuffer, isBoxedPrimitive } = types;
  const kinds = [isMap, isSet, isWeakMap, isWeakSet, isDate, isPromise, isRegExp, isAnyArrayBuffer, isBoxedPrimitive];
  return ArrayBuffer.isView(object) || kinds.some((isOfKind) => isOfKind(object));
}

/** `lost update of account.balance: credit (src/a.ts:3) read it, debit (src/b.ts:9) wrote it, credit (src/a.ts:5) wrote over that`. */
function createLog(): (update: LostUpdate) => void {
  const told = new Set<string>();
  return ({ object, property, read, wrote, lost }) => {
    const sentence =
      `lost update of ${bounded(object)}.${bounded(property)}: ${describe(read)} read it, ${describe(lost)} wrote it, ` +
      `${describe(wrote)} wrote over that`;
    if (told.has(sentence) || told.size >= MOST_TOLD) return;
    told.add(sentence);
    writeLine(`loopsight: ${sentence}`);
  };
}

function describe(place: CodePlace | undefined): string {
  return place === undefined ? 'some code' : `${bounded(place.function)} (${bounded(place.file)}:${place.line})`;
}
