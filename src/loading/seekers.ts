// Who looks for which library, and what is asked of each module that is loaded: one pair of hooks for all of them.
import { type CommonJsModule, changeExport, loadedCommonJsModules, onCommonJsModule } from './commonjs-modules.js';
import { type EsModule, evaluatedEsModules, onEsModule } from './es-modules.js';
import type { Library } from './library.js';
import { type Manifest, type PackageFile, packageFile, readManifest, unaliased } from './package-file.js';
import { undoAll } from './replace.js';

/** A module of a library that was loaded, in either format. */
export interface FoundModule {
  /** The module itself, by which it is told apart. */
  readonly identity: object;
  readonly manifest: Manifest;
  /** What it exports: `module.exports` of CommonJS, the names and values of an ES module. */
  readonly exports: unknown;
  readonly isCommonJs: boolean;
  /** Changes an export, `default` being `module.exports` of CommonJS; returns the undo, undefined where that cannot be done. */
  change(name: string, value: unknown): (() => void) | undefined;
}

/** One who looks for a library. */
export interface Seeker {
  readonly library: Library;
  /** Told of each module of the library that is loaded, once or more. Must not throw. */
  found(module: FoundModule): void;
}

const byPackage = new Map<string, Set<Seeker>>();
const manifests = new Map<string, Manifest | undefined>();
let unhook: (() => void) | undefined;

/** Begins to look, also among the modules that were loaded before; returns the undo. */
export function seek(added: readonly Seeker[]): () => void {
  for (const seeker of added) {
    const seekers = byPackage.get(seeker.library.name) ?? new Set();
    byPackage.set(seeker.library.name, seekers.add(seeker));
  }
  unhook ??= hook();
  const isAdded = (seeker: Seeker) => added.includes(seeker);
  for (const [filename, module] of loadedCommonJsModules()) tell(filename, fromCommonJs(module), isAdded);
  for (const [url, module] of evaluatedEsModules()) tell(url, fromEs(module), isAdded);
  return () => {
    for (const seeker of added) {
      const seekers = byPackage.get(seeker.library.name);
      seekers?.delete(seeker);
      if (seekers?.size === 0) byPackage.delete(seeker.library.name);
    }
    if (byPackage.size > 0) return;
    unhook?.();
    unhook = undefined;
    manifests.clear();
  };
}

function hook(): () => void {
  const undos = [
    onCommonJsModule((filename, module) => tell(filename, fromCommonJs(module))),
    onEsModule(
      (location) => wanted(location) !== undefined,
      (url, module) => tell(url, fromEs(module)),
    ),
  ];
  return () => undoAll(undos);
}

type Handle = Omit<FoundModule, 'manifest'>;

const fromCommonJs = (module: CommonJsModule) => (): Handle => ({
  identity: module,
  exports: module.exports,
  isCommonJs: true,
  change: (name, value) => changeExport(module, name, value),
});

const fromEs = (module: EsModule) => (): Handle => ({
  identity: module,
  exports: module.exports,
  isCommonJs: false,
  change: (name, value) => module.change(name, value),
});

function tell(location: string, handleOf: () => Handle, isMeant: (seeker: Seeker) => boolean = () => true): void {
  const match = wanted(location);
  if (match === undefined) return;
  const { manifest, seekers } = match;
  for (const seeker of seekers.filter(isMeant)) seeker.found({ ...handleOf(), manifest });
}

function wanted(location: string): { manifest: Manifest; seekers: readonly Seeker[] } | undefined {
  const file = packageFile(location);
  if (file === undefined) return undefined;
  const named = byPackage.get(file.name) ?? byPackage.get(unaliased(file.name));
  if (named === undefined) return undefined;
  const manifest = manifestOf(file);
  if (manifest === undefined) return undefined;
  const seekers = [...named].filter(
    ({ library }) =>
      library.name === manifest.name &&
      (library.file === undefined ? manifest.entries.has(file.file) : library.file === file.file),
  );
  return seekers.length === 0 ? undefined : { manifest, seekers };
}

function manifestOf({ folder }: PackageFile): Manifest | undefined {
  if (!manifests.has(folder)) manifests.set(folder, readManifest(folder));
  return manifests.get(folder);
}
