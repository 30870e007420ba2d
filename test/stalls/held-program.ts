// The program of test/fixtures/held-threads.mjs, and what a test asks of it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startInstrumented } from '../support/instrumented.js';
import { type Run, root, runNode } from '../support/run-node.js';

/** What an endpoint answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface HeldProgram {
  readonly pid: number;
  /** A folder for this program alone, which is its XDG_RUNTIME_DIR. */
  readonly folder: string;
  stderr(): string;
  /** Holds a thread for so long; resolves when it was told to. */
  hold(how: 'loop' | 'wait' | 'worker', ms: number): Promise<void>;
  get(path: string, accept?: string): Promise<Answer>;
  /** Ends it with `signal`; resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts the program; it and its folder are gone when the test is over. */
export async function startHeld(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<HeldProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-held-'));
  mkdirSync(join(folder, 'run'), { mode: 0o700 });
  const program = await startInstrumented<{ app: string; metrics: string }>('held-threads.mjs', {
    XDG_RUNTIME_DIR: join(folder, 'run'),
    ...env,
  });
  const { child, said } = program;
  t.after(async () => {
    await program[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    pid: child.pid ?? 0,
    folder,
    stderr: program.stderr,
    async hold(how, ms) {
      await (await fetch(`${said.app}/${how}?ms=${ms}`)).text();
    },
    async get(path, accept = '*/*') {
      const response = await fetch(new URL(path, said.metrics), { headers: { accept } });
      return { status: response.status, body: await response.text() };
    },
    async end(signal) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await ended;
    },
  };
}

/** Runs `loopsight dump` as the user of the program would. */
export function dump({ folder }: HeldProgram, ...args: readonly string[]): Promise<Run> {
  const env = { XDG_RUNTIME_DIR: join(folder, 'run') };
  return runNode([join(root, 'dist/esm/src/cli/main.js'), 'dump', ...args], { env });
}
