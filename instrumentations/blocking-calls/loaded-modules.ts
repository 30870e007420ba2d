// Which modules of Node the program has loaded. Those that it has not are not loaded for it: child_process, crypto, zlib and
// v8 take 2 to 3 ms each at the start of a program, and node:sqlite prints a warning.

const { moduleLoadList } = process as { readonly moduleLoadList?: readonly string[] };

/** How many modules are loaded, internal ones included: as long as it stays the same, there are no new ones. */
export const loadedCount = (): number => moduleLoadList?.length ?? 0;

/** The module of this name (without `node:`); undefined while the program has not loaded it, unless `load`. */
export function loadedModule(name: string, load: boolean): object | undefined {
  if (moduleLoadList?.includes(`NativeModule ${name}`) === true) return builtin(name);
  if (!load) return undefined;
  return name === 'sqlite' ? loadQuietly(name) : builtin(name);
}

const builtin = (name: string) => (process.getBuiltinModule as (id: string) => object | undefined)(`node:${name}`);

// That node:sqlite is experimental is no news of ours to tell. Jest gives its tests a process of their own; asking for that of
// Node opens the standard streams, so it is done for this module alone, which only test suites have loaded for them.
function loadQuietly(name: string): object | undefined {
  const owner = builtin('process') ?? process;
  const property = Object.getOwnPropertyDescriptor(owner, 'emitWarning');
  if (property?.configurable !== true) return builtin(name);
  Object.defineProperty(owner, 'emitWarning', { ...property, value() {} });
  try {
    return builtin(name);
  } finally {
    Object.defineProperty(owner, 'emitWarning', property);
  }
}
