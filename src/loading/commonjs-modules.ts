// The CommonJS modules of libraries. Node sets `loaded` of a module when it has evaluated its file, whoever asked for it and
// how, and before anybody gets what it exports. A setter there is no part of any stack while files are evaluated, as a
// wrapper around a function of the loader would be: what the application prints when it throws stays what it was.
import * as nodeModule from 'node:module';
import { types } from 'node:util';
import { sharedState } from '../shared-state.js';

/** A loaded module, as Node keeps it. */
export interface CommonJsModule {
  exports: unknown;
  readonly loaded: boolean;
}

interface LoadedModule extends CommonJsModule {
  readonly filename: string;
}

interface Internals {
  readonly _cache?: Readonly<Record<string, CommonJsModule | undefined>>;
}

type Listener = (filename: string, module: CommonJsModule) => void;

/** What copies of the package share: the property is watched once, by the first of them. */
export interface CommonJsModules {
  readonly listeners: Set<Listener>;
  /** Puts the property back. */
  stop(): void;
}

/** Tells of every CommonJS module that is evaluated from now on; returns the undo. `onLoaded` must not throw. */
export function onCommonJsModule(onLoaded: Listener): () => void {
  const state = sharedState();
  state.commonJsModules ??= watchLoaded();
  const modules = state.commonJsModules;
  const listener: Listener = (filename, module) => onLoaded(filename, module);
  modules.listeners.add(listener);
  return () => {
    if (!modules.listeners.delete(listener) || modules.listeners.size > 0) return;
    modules.stop();
    state.commonJsModules = undefined;
  };
}

function watchLoaded(): CommonJsModules {
  const listeners = new Set<Listener>();
  // Other runtimes may load modules in ways of their own.
  const prototype: object | undefined = nodeModule.Module?.prototype;
  if (prototype === undefined || Object.hasOwn(prototype, 'loaded')) return { listeners, stop() {} };

  function own(module: object, value: unknown): void {
    Object.defineProperty(module, 'loaded', { value, configurable: true, enumerable: true, writable: true });
  }

  function loaded(this: LoadedModule, value: unknown): void {
    own(this, value);
    // `require` of an ES module gives its namespace; that is told of by the module itself.
    const isTold = value === true && typeof this.filename === 'string';
    if (!isTold || types.isModuleNamespaceObject(this.exports)) return;
    for (const listener of [...listeners]) listener(this.filename, this);
  }

  const defined = Reflect.defineProperty(prototype, 'loaded', {
    configurable: true,
    get: () => undefined,
    // The first assignment is that of the constructor.
    set(this: LoadedModule, value: unknown) {
      if (listeners.size === 0 || value !== false) own(this, value);
      else
        Object.defineProperty(this, 'loaded', { configurable: true, enumerable: true, get: () => false, set: loaded });
    },
  });
  return {
    listeners,
    stop() {
      if (defined) Reflect.deleteProperty(prototype, 'loaded');
    },
  };
}

/** The CommonJS modules that were loaded so far, by their files. */
export function loadedCommonJsModules(): [filename: string, module: CommonJsModule][] {
  const { _cache: cache = {} }: Internals = Object(nodeModule.Module);
  return Object.entries(cache).flatMap(([filename, module]) =>
    module?.loaded === true && !types.isModuleNamespaceObject(module.exports)
      ? [[filename, module] as [string, CommonJsModule]]
      : [],
  );
}

/**
 * Changes what a module exports, `default` being `module.exports` itself. Returns the undo, which puts back what was there
 * if ours still is; undefined where the export cannot be changed.
 */
export function changeExport(module: CommonJsModule, name: string, value: unknown): (() => void) | undefined {
  return name === 'default' ? changeAll(module, value) : changeProperty(module.exports, name, value);
}

function changeAll(module: CommonJsModule, value: unknown): (() => void) | undefined {
  const before = module.exports;
  const put = (from: unknown, to: unknown) => {
    if (module.exports === from) module.exports = to;
  };
  put(before, value);
  return module.exports === value ? () => put(value, before) : undefined;
}

function changeProperty(holder: unknown, name: string, value: unknown): (() => void) | undefined {
  if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null) return undefined;
  const before = Object.getOwnPropertyDescriptor(holder, name);
  const { enumerable = true, configurable = true } = before ?? {};
  if (!Reflect.defineProperty(holder, name, { value, enumerable, configurable, writable: true })) return undefined;
  return () => {
    if (Reflect.get(holder, name) !== value) return;
    if (before === undefined) Reflect.deleteProperty(holder, name);
    else Reflect.defineProperty(holder, name, before);
  };
}
