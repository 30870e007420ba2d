// Runs a program that is traced without changes to its code, and tells which functions were called.
import { join } from 'node:path';
import { type Run, type RunOptions, root, runNode } from '../support/run-node.js';

/** The calls of one function, and how long they took in all. */
export interface Calls {
  readonly count: number;
  readonly ms: number;
}

export interface TracedRun extends Run {
  /** By name; those that failed have the type of the error behind it. */
  readonly calls: Readonly<Record<string, Calls>>;
  /** Failures of our own, by cause. */
  readonly causes: readonly string[];
  /** What the program printed itself, line by line. */
  readonly lines: readonly string[];
}

export const preload = join(root, 'test/trace/programs/preload.mjs');

/** Runs `args` with `entries` traced. */
export async function runTraced(
  entries: readonly string[],
  args: readonly string[],
  { env, ...options }: RunOptions = {},
): Promise<TracedRun> {
  const run = await runNode(['--import', preload, ...args], {
    ...options,
    env: { ...env, ENTRIES: entries.join(';') },
  });
  const lines = run.stdout.trimEnd().split('\n');
  const told = lines.findIndex((line) => line.startsWith('CALLS '));
  if (told === -1) throw new Error(`the program ended early: ${run.stdout}${run.stderr}`);
  const { calls, causes } = JSON.parse((lines[told] ?? '').slice('CALLS '.length)) as Pick<
    TracedRun,
    'calls' | 'causes'
  >;
  return { ...run, calls, causes, lines: lines.filter((_line, index) => index !== told) };
}

/** How often each function was called. */
export function counts({ calls }: TracedRun): Readonly<Record<string, number>> {
  const called = Object.entries(calls).filter(([, { count }]) => count > 0);
  return Object.fromEntries(called.map(([name, { count }]) => [name, count]));
}
