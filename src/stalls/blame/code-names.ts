// How code is named in metrics, logs and reports: the same after every deploy, on every machine, and never without end.
import { fileURLToPath } from 'node:url';

export const ANONYMOUS = '<anonymous>';
export const MINIFIED = '<minified>';

/** Names are generated too; a longer one is cut. */
export const NAME_LIMIT = 200;

/** A function's name: one line of visible characters, at most `NAME_LIMIT` of them. */
export function functionName(name: string): string {
  return name === '' ? ANONYMOUS : bounded(name);
}

/** One line of visible characters: things can be named anything, also what steers a terminal or turns the order of letters. */
export function bounded(name: string): string {
  const visible = name.slice(0, NAME_LIMIT * 2).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ');
  return visible.length <= NAME_LIMIT ? visible : `${visible.slice(0, NAME_LIMIT - 1).replace(/\p{Cs}$/u, '')}…`;
}

/** A file without the folders of the machine: relative to `root`, from the last node_modules, or its last two names. */
export function relativeFile(path: string, root: string): string {
  if (path === '' || path === 'native' || path === 'eval') return path;
  // What follows is the code itself, or a number that is another one at every start.
  const [scheme] = /^(?:data|blob|wasm)(?=:)/.exec(path) ?? [];
  if (scheme !== undefined) return scheme;
  const normal = withoutScheme(path.replaceAll('\\', '/')).replace(/\?.*$/s, '');
  const inPackage = normal.lastIndexOf('/node_modules/');
  if (inPackage !== -1) return bounded(normal.slice(inPackage + 1));
  const base = root.replaceAll('\\', '/').replace(/\/$/, '');
  if (root !== '' && normal.startsWith(`${base}/`)) return bounded(normal.slice(base.length + 1));
  const isOutside = /^(?:\/|[A-Za-z]:\/|\.\.\/)/.test(normal);
  // What a loader made up, such as `evalmachine.<anonymous>`, or what is relative already.
  if (!isOutside) return bounded(normal);
  return bounded(
    normal
      .split('/')
      .filter((part) => part !== '' && part !== '..')
      .slice(-2)
      .join('/'),
  );
}

/** The path that a file's URL stands for; other texts stay what they are. Never throws. */
export function pathOf(file: string): string {
  if (!file.startsWith('file:')) return file;
  try {
    return fileURLToPath(file);
  } catch {
    // Nobody could have opened it; what it says is as good a name as any.
    return file.replace(/^file:\/*/, '/').replace(/[?#].*$/s, '');
  }
}

/** What is left of a name that a minifier made: it is another one after the next build. */
export function withoutMinified(name: string): string {
  const parts = name.split('.');
  if (isShort(parts.at(-1) ?? '')) return MINIFIED;
  return parts.filter((part) => !isShort(part)).join('.');
}

/** A file's name without the hash that a bundler puts into it. */
export function withoutContentHash(file: string): string {
  return file.replace(/[.-]([0-9A-Za-z_-]{8,32})(?=\.[cm]?js$)/, (all, end: string) => {
    // The longest part that looks like one; `invoice-2c9f01ab.js` has a name before it.
    for (let at = 0; at !== -1; at = nextPart(end, at)) {
      if (isHash(end.slice(at))) return all.slice(0, at);
    }
    return all;
  });
}

// Bundlers name sources as `webpack://shop/./src/x.ts`, `webpack-internal:///(rsc)/./src/x.ts`, `turbopack:///[project]/src/x.ts`.
function withoutScheme(path: string): string {
  const match = /^[a-z][a-z0-9+.-]+:\/\/[^/]*\//i.exec(path);
  const rest = match === null ? path : path.slice(match[0].length).replace(/^(?:\([\w-]+\)|\[project\])\//, '');
  return rest.replace(/^(?:\.\/)+/, '');
}

const isShort = (part: string): boolean => part.replace(/^(?:new|get|set) |^#/, '').length <= 2;

function nextPart(text: string, from: number): number {
  const at = text.slice(from).search(/[.-]/);
  return at === -1 ? -1 : from + at + 1;
}

// webpack writes hexadecimal digits, esbuild eight of A-Z and 2-7, Rollup eight of base64's.
function isHash(text: string): boolean {
  if (/^[0-9a-f]{8,32}$/.test(text)) return /\d/.test(text) && /[a-f]/.test(text);
  if (/^[A-Z2-7]{8}$/.test(text)) return true;
  return /^[\w-]{8}$/.test(text) && /\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text);
}
