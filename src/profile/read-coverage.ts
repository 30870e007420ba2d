// What a program that ran with NODE_V8_COVERAGE left in its folder: the counts of each of its processes and threads.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { printable } from '../status/wording.js';
import type { V8ScriptCoverage } from './coverage.js';

/** Why coverage cannot be read, in a sentence for the person who asked. */
export class UnreadableCoverage extends Error {
  override readonly name = 'UnreadableCoverage';
}

/** The coverage in `folder`. Throws UnreadableCoverage. */
export function readCoverage(folder: string): readonly V8ScriptCoverage[] {
  const name = printable(folder, 200);
  try {
    const files = readdirSync(folder).filter((file) => /^coverage-.*\.json$/.test(file));
    if (files.length === 0) throw new UnreadableCoverage(`${name} has no coverage-….json of NODE_V8_COVERAGE in it.`);
    return files.flatMap((file) => scriptsIn(JSON.parse(readFileSync(join(folder, file), 'utf8'))));
  } catch (error) {
    if (error instanceof UnreadableCoverage) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new UnreadableCoverage(`${name} could not be read: ${printable(message.split(',')[0] ?? message, 200)}.`);
  }
}

function scriptsIn(read: unknown): readonly V8ScriptCoverage[] {
  const { result } = Object(read) as { result?: unknown };
  if (!Array.isArray(result) || !result.every(isScript)) throw new Error('not what V8 writes');
  return result;
}

function isScript(value: unknown): value is V8ScriptCoverage {
  const { url, functions } = Object(value) as { url?: unknown; functions?: unknown };
  const isRange = (range: unknown): boolean => {
    const { startOffset, endOffset, count } = Object(range) as Record<string, unknown>;
    return [startOffset, endOffset, count].every(Number.isFinite);
  };
  return (
    typeof url === 'string' &&
    Array.isArray(functions) &&
    functions.every((one) => Array.isArray(Object(one).ranges) && Object(one).ranges.every(isRange))
  );
}
