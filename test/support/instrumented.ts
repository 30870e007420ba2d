// Starts a program under `loopsight/register` and tells where it and its metrics answer.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const root = join(import.meta.dirname, '..', '..');
export const registerEsm = join(root, 'dist/esm/src/register.js');
export const registerCjs = join(root, 'dist/cjs/src/register.js');

/** A program that runs and printed one line of JSON. */
export interface Instrumented<T> {
  readonly child: ChildProcess;
  readonly said: T;
  stderr(): string;
  /** Kills the program and waits for its end. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts `fixture` (a file in test/fixtures) and resolves with the first line that it printed, parsed as JSON. */
export async function startInstrumented<T>(
  fixture: string,
  env: Readonly<Record<string, string>> = {},
  nodeArguments: readonly string[] = ['--import', registerEsm],
): Promise<Instrumented<T>> {
  const child = spawn(process.execPath, [...nodeArguments, join(root, 'test/fixtures', fixture)], {
    env: { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${fixture} ended with exit code ${code} before it said anything: ${stderr}`);
    }),
  ]);
  return {
    child,
    said: JSON.parse(first) as T,
    stderr: () => stderr,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
