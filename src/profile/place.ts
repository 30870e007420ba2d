// How functions and places of a profile are called where people read them: one line of visible characters each.
import { ANONYMOUS, functionName, relativeFile } from '../stalls/blame/code-names.js';
import type { Profile, ProfiledFunction } from './profile.js';

/** The name of a function as people read it. */
export function nameOf({ name }: ProfiledFunction): string {
  // A name of spaces alone is none to a reader.
  const visible = functionName(name).trim();
  return visible === '' ? ANONYMOUS : visible;
}

/** The file of a function without the folders of the machine; empty where it has none. */
export function fileOf({ file }: ProfiledFunction, { root = '' }: Pick<Profile, 'root'>): string {
  return relativeFile(file, root);
}

/** Where a function begins, as `src/shop.js:12`; empty where it has no file. */
export function placeOf(code: ProfiledFunction, profile: Pick<Profile, 'root'>, line: number = code.line): string {
  const file = fileOf(code, profile);
  return file === '' || line === 0 ? file : `${file}:${line}`;
}

/** Name and place, as `sell (src/shop.js:12)`. */
export function frameText(code: ProfiledFunction, profile: Pick<Profile, 'root'>): string {
  const place = placeOf(code, profile);
  return place === '' ? nameOf(code) : `${nameOf(code)} (${place})`;
}
