// The ES modules of libraries: adds to their code, when it is loaded, what tells their exports (es-exports.ts), and keeps
// those that were evaluated, so that who watches later finds them too.
import { existsSync } from 'node:fs';
import { isMainThread, parentPort } from 'node:worker_threads';
import { sharedState } from '../shared-state.js';
import { listeningLines } from './es-exports.js';
import { type Change, readThroughFiles } from './file-reads.js';

/** An ES module that was evaluated. */
export interface EsModule {
  /** The values that it exports, by name. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Changes an export for everybody who imports it; returns the undo, undefined where that cannot be done. */
  change(name: string, value: unknown): (() => void) | undefined;
}

/** What copies of the package share of the ES modules that were evaluated. */
export interface EsModules {
  readonly byUrl: Map<string, EsModule>;
  readonly listeners: Set<(url: string, module: EsModule) => void>;
  /** Called by the lines that were added to a module. Never throws. */
  evaluated(url: string, exports: readonly TellingExport[], stars: readonly object[]): void;
}

type TellingExport = readonly [name: string, read: () => unknown, write?: (value: unknown) => void];

interface LoadResult {
  readonly format?: string;
  readonly source?: unknown;
}
type NextLoad = (url: string, context: object) => LoadResult;
interface Hooks {
  registerHooks?(hooks: { load(url: string, context: object, nextLoad: NextLoad): LoadResult }): { deregister(): void };
}

/** Tells of every ES module that `isWanted` (asked with its URL or path) once it is evaluated; returns the undo. */
export function onEsModule(
  isWanted: (location: string) => boolean,
  onEvaluated: (url: string, module: EsModule) => void,
): () => void {
  const { listeners } = esModules();
  const listener = (url: string, module: EsModule) => onEvaluated(url, module);
  listeners.add(listener);
  const withdraw = changeCode(isWanted, (source, url) => source + addedTo(source, url));
  return () => {
    listeners.delete(listener);
    withdraw();
  };
}

/** The ES modules that were told of so far, by their URLs. */
export function evaluatedEsModules(): [url: string, module: EsModule][] {
  return [...esModules().byUrl];
}

function esModules(): EsModules {
  const state = sharedState();
  state.esModules ??= createEsModules();
  return state.esModules;
}

/**
 * Has `change` give the code of each ES module that `isWanted` (asked with its URL or path), when it is loaded; returns the
 * undo. `change` must not throw.
 */
export function changeCode(isWanted: (location: string) => boolean, change: Change): () => void {
  // Node's own thread for hooks, which runs what `--require` names too: hooks within it would end the process.
  if (!isMainThread && parentPort === null) return () => {};
  // Bundlers would make a named import of it, which older versions refuse.
  const { registerHooks } = process.getBuiltinModule('node:module') as unknown as Hooks;
  if (registerHooks === undefined || !hooksAreSafe(process.versions.node)) {
    // Other runtimes say that they are an older Node.
    const isNode = process.versions.bun === undefined && process.versions.deno === undefined;
    return isNode ? readThroughFiles(isWanted, change) : () => {};
  }
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!isWanted(url) || !isEsFormat(loaded.format)) return loaded;
      const source = textOf(loaded.source);
      return source === undefined ? loaded : { ...loaded, source: change(source, url) };
    },
  });
  return () => hooks.deregister();
}

/**
 * Whether hooks of the thread itself can be registered beside those that run in a thread of their own (OpenTelemetry's,
 * tsx): older versions of Node throw when both meet a CommonJS module.
 */
export function hooksAreSafe(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 3);
  if (major === 24) return minor > 11 || (minor === 11 && patch >= 1);
  return major > 25 || (major === 25 && minor >= 1);
}

// `module-typescript` is what Node strips of its types itself, after this.
const isEsFormat = (format: string | undefined): boolean => format === 'module' || format === 'module-typescript';

// Adding nothing is always right; it must never keep a module from being loaded.
function addedTo(source: string, url: string): string {
  try {
    return listeningLines(source, url, (specifier) => existsSync(new URL(specifier, url)));
  } catch {
    return '';
  }
}

function textOf(source: unknown): string | undefined {
  if (typeof source === 'string') return source;
  if (ArrayBuffer.isView(source)) return Buffer.from(source.buffer, source.byteOffset, source.byteLength).toString();
  return source instanceof ArrayBuffer ? Buffer.from(source).toString() : undefined;
}

function createEsModules(): EsModules {
  const byUrl = new Map<string, EsModule>();
  const listeners = new Set<(url: string, module: EsModule) => void>();
  return {
    byUrl,
    listeners,
    evaluated(url, exports, stars) {
      try {
        const module = createModule(exports, stars);
        byUrl.set(url, module);
        for (const listener of listeners) listener(url, module);
      } catch {
        sharedState().failures.count++;
      }
    },
  };
}

function createModule(exports: readonly TellingExport[], stars: readonly object[]): EsModule {
  return {
    get exports() {
      const values: Record<string, unknown> = Object.create(null);
      // What a module exports itself comes before what it passes on.
      for (const star of stars) for (const [name, value] of Object.entries(star)) values[name] = value;
      for (const [name, read] of exports) {
        try {
          values[name] = read();
        } catch {
          // Text that looks like an export and is none.
        }
      }
      return values;
    },
    change(name, value) {
      const [, read, write] = exports.find(([exported, , setter]) => exported === name && setter !== undefined) ?? [];
      if (read === undefined || write === undefined) return undefined;
      try {
        const before = read();
        write(value);
        return () => {
          if (read() === value) write(before);
        };
      } catch {
        // A constant, or what the module imports itself.
        return undefined;
      }
    },
  };
}
