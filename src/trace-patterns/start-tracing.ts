// Tracing without changes to the code: wraps what LOOPSIGHT_TRACE names as modules are loaded.
import { existsSync } from 'node:fs';
import type { Monitor } from '../instrumentation.js';
import { type CommonJsModule, loadedCommonJsModules, onCommonJsModule } from '../loading/commonjs-modules.js';
import { changeCode } from '../loading/es-modules.js';
import { undoAll } from '../loading/replace.js';
import { type Claim, openClaims } from './claims.js';
import { traceCode } from './es-code.js';
import type { PassedExport } from './es-exports.js';
import { type Exported, exportedByCommonJs } from './exported.js';
import { parsePattern } from './patterns.js';
import { onToldModule } from './told-modules.js';
import { matches, traceExported } from './trace-exported.js';
import { createSeenFiles, tellUnmatched } from './unmatched.js';

export interface TracingSettings {
  /** The folders that relative paths may begin in. */
  readonly roots: readonly string[];
  /** Told, in sentences, of entries that mean nothing that was loaded. */
  readonly tell: (sentence: string) => void;
  readonly report: (cause: string, error: unknown) => void;
}

/** Traces what `entries` name, now and as it is loaded, until it is stopped. Entries were checked; nothing throws. */
export function startTracing(entries: readonly string[], { roots, tell, report }: TracingSettings): Monitor {
  const patterns = entries.map((entry) => parsePattern(entry, 'trace'));
  const seen = createSeenFiles(roots);
  const book = openClaims(patterns, roots, (path) => seen.add(path));
  if (book.states.length === 0) return { stop() {} };
  const done = new WeakSet<object>();
  const undos: (() => void)[] = [];
  let isOn = true;

  const claimsOf = (location: string): readonly Claim[] => {
    try {
      return isOn ? book.claimsOf(location) : [];
    } catch (error) {
      report('a module could not be told from others', error);
      return [];
    }
  };
  const isWanted = (location: string): boolean => claimsOf(location).some(isTracing);

  function found(
    location: string,
    module: object,
    exportedOf: (isWanted: (name: string) => boolean) => Exported,
  ): void {
    if (done.has(module)) return;
    const claims = claimsOf(location);
    if (claims.length === 0) return;
    done.add(module);
    const meant = claims.filter(isTracing);
    const isMeant = (name: string) => meant.some(({ path }) => matches(path[0] ?? '*', name));
    try {
      undos.push(...traceExported(exportedOf(isMeant), claims));
    } catch (error) {
      report('exports of a module could not be traced', error);
    }
  }
  const foundCommonJs = (filename: string, module: CommonJsModule) => {
    // Data, maybe a lot of it.
    if (!filename.endsWith('.json')) found(filename, module, (isMeant) => exportedByCommonJs(module, isMeant));
  };

  function change(code: string, url: string): string {
    try {
      const claims = claimsOf(url).filter(isTracing);
      return traceCode(code, url, {
        isReplaced: (name) => claims.some(({ path }) => path.length === 1 && matches(path[0] ?? '*', name)),
        passes(passed) {
          for (const claim of claims) {
            const onward = passedOn(claim, passed);
            if (onward !== undefined) book.pass(url, passed.specifier, onward);
          }
        },
        isThere: (specifier) => specifier.startsWith('.') && existsSync(new URL(specifier, url)),
      });
    } catch (error) {
      report('the code of a module could not be read', error);
      return code;
    }
  }

  undos.push(onCommonJsModule(foundCommonJs));
  undos.push(
    changeCode(isWanted, change),
    onToldModule((module) => found(module.url, module, () => module.exported)),
  );
  for (const [filename, module] of loadedCommonJsModules()) foundCommonJs(filename, module);
  undos.push(tellUnmatched(book.states, seen, tell));
  return {
    stop() {
      isOn = false;
      undoAll(undos.splice(0));
    },
  };
}

const isTracing = ({ state }: Claim): boolean => !state.pattern.isExcluding;

// What is wanted of a module is wanted of those that it passes exports on from, under the names that it gives them.
function passedOn(claim: Claim, { name, original }: PassedExport): Claim | undefined {
  if (name === undefined || original === undefined) return { ...claim, isStar: true };
  const [first = '*', ...members] = claim.path;
  if (!matches(first, name)) return undefined;
  return { state: claim.state, moduleName: claim.moduleName, path: [original, ...members], shownAs: name };
}
