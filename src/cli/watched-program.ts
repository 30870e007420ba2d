// A program that the doctor started: with its own streams, and with what tells the doctor of it loaded first.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { DoctorRecord } from '../doctor/record.js';
import { packageRoot } from './package-root.js';

const POLL_MS = 50;
/** How long a program may take beyond the time that was asked for: its loop can be blocked, or it starts slowly. */
const PATIENCE_MS = 30_000;
const END_MS = 5000;
const REGISTER = /\bloopsight[\\/]register\b|[\\/]dist[\\/](?:esm|cjs)[\\/]src[\\/]register\.js/;

export interface ProgramOptions {
  /** When the record is made, after the start. */
  readonly waitMs: number;
  /** Whether `loopsight/register` is left out where the program does not load it by itself. */
  readonly asIs: boolean;
  /** Whether the program writes its standard output to standard error. */
  readonly outputToError: boolean;
}

/** A program that runs. */
export interface WatchedProgram {
  /** Whether `loopsight/register` was added. */
  readonly added: boolean;
  /** Resolves with the exit code as a shell gives it, or with the reason why the program could not be started. */
  readonly ended: Promise<number | Error>;
  isRunning(): boolean;
  /** The record; undefined where the program ended or time passed without one. */
  record(): Promise<DoctorRecord | undefined>;
  /** Ends the program and `pid`, the process in it that was told of: SIGTERM, and SIGKILL after 5 s. */
  end(pid?: number): Promise<void>;
}

/** Starts `command` and passes on the signals that this process gets. */
export function startProgram(command: readonly string[], options: ProgramOptions): WatchedProgram {
  const [file = '', ...args] = command;
  const own = process.env.NODE_OPTIONS ?? '';
  const added = !options.asIs && !REGISTER.test([own, ...args].join(' '));
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-doctor-'));
  const descriptor = openSync(join(folder, 'child.json'), 'w', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(file, args, {
      stdio: ['inherit', options.outputToError ? 2 : 'inherit', 'inherit', descriptor],
      env: {
        ...process.env,
        NODE_OPTIONS: nodeOptions(own, added),
        LOOPSIGHT_DOCTOR: JSON.stringify({ folder, parent: process.pid, waitMs: options.waitMs }),
      },
    });
  } finally {
    closeSync(descriptor);
  }
  let running = true;
  const stopPassing = passSignals(child);
  const ended = new Promise<number | Error>((resolve) => {
    child.on('error', resolve);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  }).then((outcome) => {
    running = false;
    stopPassing();
    return outcome;
  });

  async function record(): Promise<DoctorRecord | undefined> {
    const lastMs = performance.now() + options.waitMs + PATIENCE_MS;
    try {
      while (true) {
        // What a program that has ended told was written before its end.
        const last = !running || performance.now() > lastMs;
        const found = readRecord(folder);
        if (found !== undefined || last) return found;
        await Promise.race([delay(POLL_MS), ended]);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async function end(pid?: number): Promise<void> {
    if (!running) return;
    const kill = (signal: NodeJS.Signals) => {
      // The shell that npm starts a service in keeps SIGTERM to itself.
      if (pid !== undefined && pid !== child.pid) killProcess(pid, signal);
      child.kill(signal);
    };
    kill('SIGTERM');
    const timer = setTimeout(kill, END_MS, 'SIGKILL');
    await ended;
    clearTimeout(timer);
  }
  return { added, ended, isRunning: () => running, record, end };
}

// --require comes first, so that what is replaced later can be seen; the files are those of this copy of the package.
function nodeOptions(own: string, added: boolean): string {
  const root = packageRoot();
  const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return [
    `--require ${quoted(join(root, 'dist/cjs/src/doctor/in-program.js'))}`,
    own,
    added ? `--import ${quoted(pathToFileURL(join(root, 'dist/esm/src/register.js')).href)}` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function readRecord(folder: string): DoctorRecord | undefined {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    // The line feed is the end of it.
    if (text.endsWith('\n')) return JSON.parse(text) as DoctorRecord;
  }
  return undefined;
}

function killProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

function passSignals(child: ChildProcess): () => void {
  // A terminal sends Ctrl-C to the program as well, which must not get it twice. Ours waits for the program's end.
  const atTerminal = process.stdin.isTTY === true;
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    const pass = () => {
      if (!(atTerminal && signal === 'SIGINT')) child.kill(signal);
    };
    process.on(signal, pass);
    return () => process.off(signal, pass);
  });
  // The command ends early where the reader of its output has gone.
  const endProgram = () => child.kill('SIGTERM');
  process.once('exit', endProgram);
  return () => {
    for (const stop of listeners) stop();
    process.off('exit', endProgram);
  };
}
