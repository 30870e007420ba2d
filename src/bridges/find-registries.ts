// The default registries of the prom-clients that the application has loaded, for programs that say nothing themselves.
import { isRegistry, type PromClientRegistry } from './registry.js';

// Bundlers look for what `createRequire` is used for, and warn where they cannot tell.
const { createRequire } = process.getBuiltinModule('node:module');

// Both are CommonJS, so that imports of ES modules end in the same cache. There may be several copies.
const ENTRY_FILE = /[\\/]node_modules[\\/](?:prom-client|@prometheus-io[\\/]client)[\\/]index\.js$/;

/** Modules by file name, as `require.cache` has them. */
export type ModuleCache = Readonly<Record<string, { readonly exports?: unknown } | undefined>>;

/** Creates the search. What is bundled into the application's own files is not found. */
export function createRegistrySearch(given?: ModuleCache): () => readonly PromClientRegistry[] {
  let cache = given;
  let count = -1;
  let found: readonly PromClientRegistry[] = [];
  return () => {
    cache ??= createRequire(process.execPath).cache;
    const files = Object.keys(cache);
    if (files.length !== count) {
      count = files.length;
      found = files.filter((file) => ENTRY_FILE.test(file)).flatMap((file) => registryOf(cache?.[file]?.exports));
    }
    return found;
  };
}

function registryOf(exports: unknown): readonly PromClientRegistry[] {
  const registry = (exports as { readonly register?: unknown } | undefined)?.register;
  return isRegistry(registry) ? [registry] : [];
}
