// Starts a database server on a free port of loopback, with a folder of its own, and stops it again.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../support/prometheus.js';

/** A server that runs until it is disposed of. */
export interface DatabaseServer extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
}

/** Whom a program runs as; undefined is whoever runs the test. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** How one kind of server is started. */
export interface ServerKind {
  readonly name: string;
  /** A user that servers which refuse to run as root run as; the first that exists. */
  readonly users: readonly string[];
  /** Fills the folder before the first start. */
  prepare?(folder: string, user: User | undefined): void;
  command(folder: string, port: number): readonly [program: string, ...args: string[]];
  /** What it writes when it serves, where it accepts connections before that. */
  readonly readyLine?: RegExp;
  readonly stopSignal: NodeJS.Signals;
}

const PATIENCE_MS = 120_000;

/** Starts a server of `kind`; resolves when it accepts connections, rejects with what it wrote when it does not. */
export async function startServer(kind: ServerKind): Promise<DatabaseServer> {
  const user = process.getuid?.() === 0 ? userOf(kind.users) : undefined;
  const folder = mkdtempSync(join(tmpdir(), `loopsight-${kind.name}-`));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  try {
    kind.prepare?.(folder, user);
    const port = await freePort();
    const [program, ...args] = kind.command(folder, port);
    const child = spawn(program, args, { ...user, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-10_000);
      });
    }
    const stop = async () => {
      await end(child, kind.stopSignal);
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      await serving(child, port, () => kind.readyLine?.test(said) ?? true);
    } catch (error) {
      await stop();
      throw new Error(`${kind.name} did not start: ${said}`, { cause: error });
    }
    return { host: '127.0.0.1', port, [Symbol.asyncDispose]: stop };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Runs a program to its end; throws with what it wrote when it fails. */
export function runProgram(program: string, args: readonly string[], folder: string, user: User | undefined): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { ...user, cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${stdout}${stderr}`, { cause: error });
}

async function serving(child: ChildProcess, port: number, isReady: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended');
    if (isReady() && (await connects(port))) return;
    if (performance.now() > endMs) throw new Error('it accepts no connections');
    await delay(50);
  }
}

async function connects(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

function userOf(names: readonly string[]): User | undefined {
  for (const name of names) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout));
    if (uid !== undefined && gid !== undefined && uid > 0) return { uid, gid };
  }
  return undefined;
}
