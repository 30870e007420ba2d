// What a process is called in titles.
import { basename } from 'node:path';
import { bounded } from '../stalls/blame/code-names.js';
import { readNodeOptions } from './node-options.js';
import type { ProcessFacts } from './process-facts.js';

/** The program's file, else its command, else its id. */
export function programTitle(facts: ProcessFacts | undefined, pid: number): string {
  const program = facts === undefined ? '' : readNodeOptions(facts).program;
  const name = program === '' ? (facts?.command[0] ?? '') : program;
  return bounded(basename(name) === '' ? `process ${pid}` : basename(name));
}
