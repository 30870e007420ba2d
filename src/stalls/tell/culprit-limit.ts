// Bounded names: the first functions that are blamed have series of their own, all others share one.
import type { CodePlace } from '../blame/stall-report.js';

const CULPRIT_LIMIT = 100;
const OTHER = 'other';

/** Function and file of a culprit as series name it. */
export interface CulpritName {
  readonly name: string;
  readonly file: string;
}

/** Creates the function that names culprits; empty names where the code is not known. */
export function createCulpritLimit(): (culprit: CodePlace | undefined) => CulpritName {
  const known = new Set<string>();
  return (culprit) => {
    if (culprit === undefined) return { name: '', file: '' };
    const { function: name, file } = culprit;
    const pair = `${name}\n${file}`;
    if (known.has(pair)) return { name, file };
    if (known.size >= CULPRIT_LIMIT) return { name: OTHER, file: OTHER };
    known.add(pair);
    return { name, file };
  };
}
