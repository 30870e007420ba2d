// Traces what the claims want of one module: functions are replaced, methods of classes and objects wrapped in place.
import { methodKeys, traceMember } from '../../instrumentations/traced/members.js';
import { classNameOf, identifyAs, methodName } from '../../instrumentations/traced/names.js';
import { isClass, isFunction, resolveTracedOptions } from '../../instrumentations/traced/options.js';
import { isTraced, wrapFunction } from '../../instrumentations/traced/wrap.js';
import { isBuiltIn } from './built-ins.js';
import type { Claim, PatternState } from './claims.js';
import type { Exported } from './exported.js';
import { expressionOf, isGlob } from './glob.js';

type Undo = () => void;

const OPTIONS = resolveTracedOptions(undefined);

/** How far members are looked for: `export.prototype.method` and one more. */
const DEPTH_LIMIT = 6;

/** How many names of exports are kept of an entry. */
const NAMES_LIMIT = 5000;

/** Traces what is wanted of `exported`; returns the undos. */
export function traceExported(exported: Exported, claims: readonly Claim[]): Undo[] {
  const excluding = claims.filter(({ state }) => state.pattern.isExcluding);
  const isLeftOut = (path: readonly string[]): boolean =>
    excluding.some((claim) => claim.path.every((part, index) => matches(part, path[index])));
  const undos: Undo[] = [];
  for (const claim of claims) {
    if (claim.state.pattern.isExcluding) continue;
    undos.push(...traceClaim(exported, claim, isLeftOut));
  }
  return undos;
}

/** Whether a part of an entry means `name`. */
export function matches(part: string, name: string | undefined): boolean {
  if (name === undefined) return false;
  return isGlob(part) ? expressionOf(part).test(name) : part === name;
}

type LeftOut = (path: readonly string[]) => boolean;

function traceClaim(exported: Exported, claim: Claim, isLeftOut: LeftOut): Undo[] {
  const { state, path, isStar = false } = claim;
  const [first = '*', ...members] = path;
  const undos: Undo[] = [];
  for (const [name, value] of exported.values) {
    note(state, name);
    if (!matches(first, name) || (isStar && name === 'default') || isLeftOut([name])) continue;
    const shown = claim.shownAs ?? name;
    if (members.length > 0) {
      undos.push(...traceMembers(value, members, [shown], claim, isLeftOut));
    } else if (isFunction(value) && !isClass(value) && !isConstructor(value)) {
      if (isGlob(first) && isApplication(value)) continue;
      undos.push(...traceFunction(exported, name, shown, value, claim));
    } else if (isClass(value) || isConstructor(value)) {
      if (isGlob(first) && isOfTelemetry(value)) continue;
      undos.push(...traceMembers(value, ['prototype', '*'], [shown], claim, isLeftOut));
      undos.push(...traceMembers(value, ['*'], [shown], claim, isLeftOut));
    } else if (!isGlob(first) && typeof value === 'object' && value !== null) {
      undos.push(...traceMembers(value, ['*'], [shown], claim, isLeftOut));
    }
  }
  return undos;
}

function traceFunction(
  exported: Exported,
  name: string,
  shown: string,
  value: (...args: unknown[]) => unknown,
  { state, moduleName, path }: Claim,
): Undo[] {
  if (isTraced(value)) {
    state.traced++;
    return [];
  }
  const label = shown === 'default' ? moduleName : `${moduleName}.${shown}`;
  const undo = exported.replace(name, wrapFunction(value, OPTIONS, identifyAs(label, OPTIONS)));
  if (undo === undefined) {
    // What `*` meets there belongs to another module.
    if (!isGlob(path[0] ?? '*')) state.fixed.add(name);
    return [];
  }
  state.traced++;
  return [undo];
}

// `part.part.glob`, from `holder` on; only the last one means functions.
function traceMembers(
  holder: unknown,
  parts: readonly string[],
  walked: readonly string[],
  claim: Claim,
  isLeftOut: LeftOut,
): Undo[] {
  if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null) return [];
  if (isBuiltIn(holder)) {
    claim.state.fixed.add(walked.join('.'));
    return [];
  }
  const [part = '*', ...rest] = parts;
  if (rest.length === 0) return traceKeys(holder, part, walked, claim, isLeftOut);
  if (walked.length > DEPTH_LIMIT) return [];
  return Object.getOwnPropertyNames(holder).flatMap((key) => {
    if (!matches(part, key)) return [];
    const value: unknown = Object.getOwnPropertyDescriptor(holder, key)?.value;
    return traceMembers(value, rest, [...walked, key], claim, isLeftOut);
  });
}

function traceKeys(
  holder: object,
  part: string,
  walked: readonly string[],
  { state, moduleName }: Claim,
  isLeftOut: LeftOut,
): Undo[] {
  const place = isGlob(part) ? holder : (holderOf(holder, part) ?? holder);
  return methodKeys(place).flatMap((key) => {
    const path = [...walked, key].join('.');
    note(state, path);
    if (!matches(part, key) || isLeftOut([...walked, key])) return [];
    // What can be enumerated on a class is a static field, such as a class kept there.
    if (isGlob(part) && isClass(place) && Object.prototype.propertyIsEnumerable.call(place, key)) return [];
    if (isGlob(part) && isConstructor(Object.getOwnPropertyDescriptor(place, key)?.value)) return [];
    const className = classNameOf(place);
    const name = className === undefined ? `${moduleName}.${path}` : methodName(className, key);
    try {
      const undo = traceMember(place, key, holder, OPTIONS, name);
      state.traced++;
      return [undo];
    } catch {
      // The namespace of another module, or an object that is frozen.
      state.fixed.add(path);
      return [];
    }
  });
}

function note({ exports }: PatternState, name: string): void {
  if (exports.size < NAMES_LIMIT) exports.add(name);
}

// Where a method comes from: an object has most of its methods from its class.
function holderOf(object: object, key: string): object | undefined {
  let holder: object | null = object;
  while (holder !== null && holder !== Object.prototype && holder !== Function.prototype) {
    if (Object.hasOwn(holder, key)) return holder;
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return undefined;
}

// An application or a router of Express, Connect and the like: it can be called, and is much more than a function.
function isApplication(value: object): boolean {
  return typeof Reflect.get(value, 'use') === 'function';
}

// A span processor, an exporter, a sampler or the like: OpenTelemetry calls it for each span, and each call would be one.
function isOfTelemetry(value: object): boolean {
  const prototype: unknown = Reflect.get(value, 'prototype');
  const has = (name: string) => typeof Reflect.get(Object(prototype), name) === 'function';
  return has('shouldSample') || (has('shutdown') && (has('forceFlush') || has('export')));
}

// A class as it was written before there was a word for it: who compares constructors must find the very same.
function isConstructor(value: unknown): value is (...args: unknown[]) => unknown {
  const prototype: unknown = typeof value === 'function' ? Reflect.get(value, 'prototype') : undefined;
  if (typeof prototype !== 'object' || prototype === null) return false;
  return Object.getOwnPropertyNames(prototype).some((name) => name !== 'constructor');
}
