// The exports of a loaded module, in either format: what they are, and how each is replaced.
import { types } from 'node:util';
import { type CommonJsModule, changeExport } from '../loading/commonjs-modules.js';
import { isBuiltIn } from './built-ins.js';

/** A loaded module as those see it who trace what it exports. */
export interface Exported {
  /** By name; what was replaced is what it was replaced by. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Puts another value in the place of an export; returns the undo, undefined where that cannot be done. */
  replace(name: string, value: unknown): (() => void) | undefined;
}

/**
 * What a CommonJS module exports; `default` is `module.exports` itself where that can be called. What is not wanted is known
 * by its name alone: behind a getter there may be a module that is loaded when somebody asks for it.
 */
export function exportedByCommonJs(module: CommonJsModule, isWanted: (name: string) => boolean): Exported {
  const { exports } = module;
  const values = new Map<string, unknown>();
  const isEs = typeof exports === 'object' && exports !== null && '__esModule' in exports;
  const isWhole = !isEs && typeof exports === 'function';
  // As in `module.exports = require('fs')`.
  const isFixed = isBuiltIn(Object(exports));
  if (isWhole) values.set('default', exports);
  for (const name of Object.keys(Object(exports))) {
    if (isWhole && name === 'default') continue;
    try {
      values.set(name, isWanted(name) ? Reflect.get(Object(exports), name) : undefined);
    } catch {
      // A getter that is not ready.
    }
  }
  function replaceIn(name: string, value: unknown): (() => void) | undefined {
    if (isFixed) return undefined;
    if (name === 'default' && isWhole) return changeExport(module, name, value);
    return changeNamed(module, name, value) ?? changeInCopy(module, name, value);
  }
  return {
    values,
    replace(name, value) {
      const undo = replaceIn(name, value);
      if (undo !== undefined) values.set(name, value);
      return undo;
    },
  };
}

// `default` alone would stand for the whole module.
function changeNamed(module: CommonJsModule, name: string, value: unknown): (() => void) | undefined {
  if (name !== 'default') return changeExport(module, name, value);
  const holder = module.exports as object;
  const before = Object.getOwnPropertyDescriptor(holder, name);
  if (before === undefined || !Reflect.defineProperty(holder, name, { ...plain(before), value })) return undefined;
  return () => {
    if (Reflect.get(holder, name) === value) Reflect.defineProperty(holder, name, before);
  };
}

const plain = ({ enumerable = true }: PropertyDescriptor) => ({ enumerable, configurable: true, writable: true });

// Compilers and bundlers export by getters that nobody can change: those who load the module get an object that is the
// same but for them.
function changeInCopy(module: CommonJsModule, name: string, value: unknown): (() => void) | undefined {
  const { exports } = module;
  if (!isPlainObject(exports)) return undefined;
  const properties: Record<PropertyKey, PropertyDescriptor> = Object.getOwnPropertyDescriptors(exports);
  for (const key of Reflect.ownKeys(properties)) properties[key] = sameProperty(exports, key, properties[key] ?? {});
  properties[name] = { ...plain(properties[name] ?? {}), value };
  return changeExport(module, 'default', Object.create(Object.getPrototypeOf(exports) as object | null, properties));
}

// A copy of anything else would lack what is private to it.
function isPlainObject(value: unknown): value is Record<PropertyKey, unknown> {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

// What the module gives an export later is what others get.
function sameProperty(
  exports: Record<PropertyKey, unknown>,
  key: PropertyKey,
  property: PropertyDescriptor,
): PropertyDescriptor {
  const { writable, enumerable = false } = property;
  if (writable !== true) return { ...property, configurable: true };
  const set = (value: unknown): void => {
    exports[key] = value;
  };
  return { enumerable, configurable: true, get: () => exports[key], set };
}
