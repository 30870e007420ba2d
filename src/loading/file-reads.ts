// Versions of Node without hooks that are safe to use: there the ES loader reads code through the public functions of
// `fs`, and `require` of an ES module hands it to `Module.prototype._compile`. A thread for hooks would cost each start
// far more than what it is for.
import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import { callSites } from '../call-sites.js';
import { type AnyFunction, disguise, replaceMethod, undoAll } from './replace.js';

/** Gives the code to run instead of `source`. */
export type Change = (source: string, url: string) => string;

/** What the loader reads too; a text of bytes that are none would be others. */
const NO_CODE = /\.(?:json|node|wasm)$/;

/** Has `change` give the code of ES modules that `isWanted`; returns the undo. */
export function readThroughFiles(isWanted: (location: string) => boolean, change: Change): () => void {
  const fs = process.getBuiltinModule('node:fs');
  let isOn = true;
  const isLoaded = (path: unknown): path is URL =>
    isOn && path instanceof URL && isWanted(path.href) && isAskedByLoader();
  const added = (read: unknown, url: URL): unknown => {
    if (NO_CODE.test(url.pathname)) return read;
    const source = Buffer.isBuffer(read) ? read.toString() : read;
    if (typeof source !== 'string') return read;
    const changed = change(source, url.href);
    return changed === source ? read : Buffer.from(changed);
  };

  const undos = [
    replaceMethod(
      fs.promises,
      'readFile',
      (readFile) =>
        function (this: unknown, ...args) {
          const reading = readFile.apply(this, args);
          const [path] = args;
          return isLoaded(path) ? reading.then((read: unknown) => added(read, path)) : reading;
        },
    ),
    replaceMethod(
      fs,
      'readFileSync',
      (readFileSync) =>
        function (this: unknown, ...args) {
          const read = readFileSync.apply(this, args);
          const [path] = args;
          return isLoaded(path) ? added(read, path) : read;
        },
    ),
    changeWhenCompiled((filename) => isOn && isWanted(filename), change),
  ];
  return () => {
    isOn = false;
    undoAll(undos);
  };
}

// The application may read the file of a library too, and must see what is there. Another wrapper may stand between.
function isAskedByLoader(): boolean {
  return callSites(isAskedByLoader, 5).some((site) => site.getFileName() === 'node:internal/modules/esm/load');
}

interface CompilingModule {
  readonly filename?: unknown;
}

// A getter gives the wrapper to the files that are meant and the very function to all others: what these print when they
// throw has no frame of ours.
function changeWhenCompiled(isWanted: (filename: string) => boolean, change: Change): () => void {
  const { prototype } = nodeModule.Module;
  const before = Object.getOwnPropertyDescriptor(prototype, '_compile');
  const compile: unknown = before?.value;
  if (before === undefined || typeof compile !== 'function') return () => {};
  const changing = disguise(function (this: unknown, content, filename, format, ...rest) {
    const isEsModule = format === 'module' && typeof content === 'string';
    const code = isEsModule ? change(content, pathToFileURL(filename).href) : content;
    return Reflect.apply(compile, this, [code, filename, format, ...rest]);
  }, compile as AnyFunction);
  const get = function (this: CompilingModule) {
    const { filename } = this;
    return typeof filename === 'string' && isWanted(filename) ? changing : compile;
  };
  Object.defineProperty(prototype, '_compile', {
    configurable: true,
    enumerable: before.enumerable === true,
    get,
    set(this: object, value: unknown) {
      Object.defineProperty(this, '_compile', { value, configurable: true, enumerable: true, writable: true });
    },
  });
  return () => {
    if (Object.getOwnPropertyDescriptor(prototype, '_compile')?.get !== get) return;
    Object.defineProperty(prototype, '_compile', before);
  };
}
