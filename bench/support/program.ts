// Child processes that are measured: plain JavaScript in programs/, asked over IPC.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const bench = join(dirname(fileURLToPath(import.meta.url)), '..');
const root = join(bench, '..');

/** How a process is loaded before its program: what is compared. */
export const PRELOADS = {
  bare: [],
  timer: ['--import', at('programs/preload-timer.mjs')],
  loopsight: ['--import', 'loopsight/register'],
  'prom-client': ['--import', at('programs/preload-prom-client.mjs')],
  'otel-runtime': ['--import', at('peers/preload-otel-runtime.mjs')],
  sentry: ['--import', at('peers/preload-sentry.mjs')],
  'blocked-at': ['--import', at('peers/preload-blocked-at.mjs')],
} as const;

export type Preload = keyof typeof PRELOADS;

/** The names that tables show. */
export const PRELOAD_NAMES: Readonly<Record<Preload, string>> = {
  bare: 'bare',
  timer: 'bare, 50 ms timer',
  loopsight: 'loopsight/register',
  'prom-client': 'prom-client defaults',
  'otel-runtime': 'OpenTelemetry runtime',
  sentry: '@sentry/node-native',
  'blocked-at': 'blocked-at',
};

export interface ProgramOptions {
  readonly args?: readonly string[];
  readonly execArgv?: readonly string[];
  /** Variables beside those of `environment()`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running program. */
export interface Program {
  /** What the program answers. Rejects when it throws or ends instead. */
  ask<T>(question: string, detail?: unknown): Promise<T>;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts `programs/<name>.mjs` and waits until it can be asked. */
export async function startProgram(
  name: string,
  { args = [], execArgv = [], env = {} }: ProgramOptions = {},
): Promise<Program> {
  const child = fork(join(bench, 'programs', `${name}.mjs`), args, {
    cwd: root,
    execArgv: [...execArgv],
    env: { ...environment(), ...env },
  });
  running.add(child);
  const ended = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    throw new Error(`${name} ${args.join(' ')} ended (${signal ?? `exit code ${code}`})`);
  });
  ended.catch(() => undefined);
  await Promise.race([once(child, 'message'), ended]);
  return {
    async ask<T>(question: string, detail?: unknown): Promise<T> {
      child.send({ question, detail });
      const [{ answer, error }] = (await Promise.race([once(child, 'message'), ended])) as [
        { answer: T; error?: string },
      ];
      if (error !== undefined) throw new Error(error);
      return answer;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended.catch(() => undefined);
    },
  };
}

/** The environment of every process that is measured: the caller's, without what would configure any side. */
export function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL|LOOPSIGHT|NODE)_/.test(name) && name !== 'NODE_OPTIONS',
  );
  return { ...Object.fromEntries(kept), OTEL_EXPORTER_PROMETHEUS_PORT: '0' };
}

/** True when the run is to be cut to about a minute. */
export const isQuick = process.argv.includes('--quick');

function at(path: string): string {
  return pathToFileURL(join(bench, path)).href;
}
