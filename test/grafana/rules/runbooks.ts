// The runbooks, as the tests read them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../support/run-node.js';

export interface Runbook {
  /** The file's name, less its ending. */
  readonly name: string;
  readonly text: string;
  /** Its queries, of the job `JOB`. */
  readonly queries: readonly string[];
}

const FOLDER = join(root, 'docs/runbooks');

export const RUNBOOKS: readonly Runbook[] = readdirSync(FOLDER)
  .sort()
  .map((file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    const queries = [...text.matchAll(/^```promql\n([^`]+)\n```$/gm)].map(([, query = '']) => query);
    return { name: file.replace(/\.md$/, ''), text, queries };
  });
