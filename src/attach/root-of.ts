// The folder of the application that a process on this machine runs, which names of its files are shown without.
import { isAbsolute, join } from 'node:path';
import { applicationRoot } from '../application-root.js';
import { readNodeOptions } from './node-options.js';
import { readFacts, readLink } from './process-facts.js';

/** The folder; empty where nothing tells. Never throws. */
export function rootOf(pid: number): string {
  const facts = readFacts(pid);
  const folder = readLink(pid, 'cwd');
  if (facts === undefined || folder === '') return '';
  const { program } = readNodeOptions(facts);
  if (program === '') return folder;
  const file = isAbsolute(program) ? program : join(folder, program);
  return /[\\/]node_modules[\\/]/.test(file) ? folder : applicationRoot(file);
}
