// Child processes of the demo's tests: the built demo and the start script.
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const ROOT = join(import.meta.dirname, '../..');

/** A child with what it has printed so far. */
export interface Child {
  readonly process: ChildProcess;
  /** Standard output and error. */
  output(): string;
  /** Resolves with the match once the output has one; rejects when the child has ended without it. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with exit code or signal. */
  readonly ended: Promise<number | string | null>;
}

/** Forks a file of the built demo, instrumented if asked to. */
export function forkDemo(file: string, args: readonly string[], { instrumented = false } = {}): Child {
  const register = pathToFileURL(join(ROOT, 'dist/esm/src/register.js')).href;
  return watch(
    fork(join(ROOT, 'dist/demo', file), [...args], {
      execArgv: instrumented ? ['--import', register] : [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
    }),
  );
}

/** Runs `npm start`'s script in a process group of its own, as a terminal would. */
export function spawnStart(...args: string[]): Child {
  return spawnStartWith({}, ...args);
}

/** As `spawnStart`, with further variables. */
export function spawnStartWith(env: Readonly<Record<string, string>>, ...args: string[]): Child {
  return watch(
    spawn(process.execPath, [join(ROOT, 'scripts/start.mjs'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...env },
    }),
  );
}

/** Runs `npm start`'s script under a shell that is no more than its parent, as npm does. */
export function spawnStartInShell(...args: string[]): Child {
  const command = `"${process.execPath}" "${join(ROOT, 'scripts/start.mjs')}" ${args.join(' ')}; exit $?`;
  return watch(
    spawn('sh', ['-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, npm_lifecycle_event: 'start' },
    }),
  );
}

/** A port of 127.0.0.1 that is taken until the server is closed. */
export async function takePort(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return { port: address.port, server };
}

/** Ids of the processes that `pid` started, and of those that they started, as far as their command line matches. */
export function descendantsOf(pid: number, command = /./): number[] {
  const all = processes();
  const below = (parent: number): typeof all =>
    all.filter((child) => child.parent === parent).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid).flatMap((child) => (command.test(child.command) ? [child.pid] : []));
}

/** Resolves once none of `pids` runs; kills those that are left after `limitMs`, and rejects. */
export async function waitUntilGone(pids: readonly number[], limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const left = processes().filter(({ pid }) => pids.includes(pid));
    if (left.length === 0) return;
    if (performance.now() > endMs) {
      for (const { pid } of left) process.kill(pid, 'SIGKILL');
      throw new Error(`Still running after ${limitMs} ms: ${left.map(({ pid }) => pid).join(', ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function processes(): { readonly pid: number; readonly parent: number; readonly command: string }[] {
  const columns = ['pid=', 'ppid=', 'stat=', 'args='].flatMap((column) => ['-o', column]);
  const lines = execFileSync('ps', ['-A', ...columns], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [pid, parent, state, ...command] = line.trim().split(/\s+/);
    // A zombie runs no more; it waits for a parent that may never ask.
    return pid === undefined || pid === '' || state?.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent), command: command.join(' ') }];
  });
}

function watch(child: ChildProcess): Child {
  let output = '';
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  for (const stream of streams) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  // Not the event `close`: there is none after a disconnect() on this side.
  const ended = Promise.all([once(child, 'exit'), ...streams.map((stream) => once(stream, 'close'))]).then(
    ([[code, signal]]): number | string | null => code ?? signal,
  );
  return {
    process: child,
    output: () => output,
    ended,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output);
          if (match !== null) resolve(match);
        };
        look();
        for (const stream of streams) stream.on('data', look);
        ended.then((code) => reject(new Error(`Ended with ${code} before ${pattern} came; it printed:\n${output}`)));
      }),
  };
}
