// A program that is recorded from its first line: started with its own streams, and with what samples it loaded first into
// every Node that it starts.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { V8Recording } from '../profile/v8-profile.js';
import { printable } from '../status/wording.js';
import { collectWindows, type RecordedThread } from './collected-windows.js';
import { isRecorded } from './is-recorded.js';
import { UnwritableFile } from './output-file.js';
import { RECORD_VARIABLE, REQUESTS_FOLDER, type RecordRequest } from './windows-folder.js';

/** At most so much of a thread is lost that is killed; each window costs its thread some milliseconds. */
const WINDOW_MS = 2000;
const TAKE_MS = 1000;
const LOOK_MS = 20;
/** How long threads that turn may take to write what they have. */
const FINISH_MS = 1000;
/** From SIGTERM to SIGKILL for a program that is to end. */
const END_MS = 5000;

export interface RecordedProgramOptions {
  readonly intervalUs: number;
  readonly threads: 'main' | 'all';
  /** The file that Node loads first. */
  readonly preload: string;
  /** Has a thread that does not turn write what it has; rejects where that cannot be done. */
  readonly finishHeld: (pid: number) => Promise<void>;
}

/** A program that runs and is recorded. */
export interface RecordedProgram {
  readonly pid: number | undefined;
  /** Resolves with the exit code as a shell gives it, or with the reason why the program could not be started. */
  readonly ended: Promise<number | Error>;
  /** Ends the recording while the program goes on. */
  finish(): Promise<void>;
  /** Sends a signal to the program, and to each Node in it that no other Node started: a shell keeps it to itself. */
  kill(signal: NodeJS.Signals): void;
  /** Ends the program: SIGTERM, and SIGKILL after 5 s. */
  end(): Promise<void>;
  /** What was recorded, once the program has ended or recording is finished; leaves no file behind. */
  recording(): Promise<{ readonly recording: V8Recording | undefined; readonly title: string }>;
  /** Removes what there is without looking at it. Twice is harmless. */
  discard(): void;
}

/** Starts `command`. Throws an UnwritableFile where there is no place for what it tells. */
export function startRecorded(command: readonly string[], options: RecordedProgramOptions): RecordedProgram {
  const [file = '', ...args] = command;
  const { intervalUs, threads, preload, finishHeld } = options;
  const folder = makeFolder();
  const collected = collectWindows(folder);
  const request: RecordRequest = { folder, parent: process.pid, intervalUs, windowMs: WINDOW_MS, threads };
  // At a terminal Ctrl-C would end the program before it could tell what it did: it gets a session of its own, and signals
  // from here.
  const isApart = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY === true);
  const child = spawn(file, args, {
    stdio: 'inherit',
    detached: isApart && process.platform !== 'win32',
    env: {
      ...process.env,
      NODE_OPTIONS: nodeOptions(preload, process.env.NODE_OPTIONS ?? ''),
      [RECORD_VARIABLE]: JSON.stringify(request),
    },
  });
  let running = true;
  let finished: Promise<void> | undefined;
  const timer = setInterval(() => {
    collected.take();
    if (collected.isFull()) void finish();
  }, TAKE_MS);
  const ended = new Promise<number | Error>((resolve) => {
    child.on('error', resolve);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  }).then((outcome) => {
    running = false;
    return outcome;
  });

  function kill(signal: NodeJS.Signals): void {
    if (isApart && child.pid !== undefined) sendTo(-child.pid, signal);
    else for (const pid of receivers(signal)) sendTo(pid, signal);
  }

  // A Node that another one started hears of its end from that one, which may want to end it in its own way.
  function receivers(signal: NodeJS.Signals): ReadonlySet<number> {
    const mains = collected.threads().filter(({ pid, threadId }) => threadId === 0 && isRecorded(pid, folder));
    const nodes = new Set(mains.map(({ pid }) => pid));
    const pids = mains.filter(({ parent }) => signal === 'SIGKILL' || !nodes.has(parent)).map(({ pid }) => pid);
    return new Set([...(child.pid === undefined || !running ? [] : [child.pid]), ...pids]);
  }

  const unfinished = () =>
    collected.threads().filter(({ pid, state }) => state === 'running' && isRecorded(pid, folder));

  async function unfinishedAfter(ms: number): Promise<readonly RecordedThread[]> {
    const lastMs = performance.now() + ms;
    for (;;) {
      collected.take();
      const left = unfinished();
      if (left.length === 0 || performance.now() > lastMs) return left;
      await delay(LOOK_MS);
    }
  }

  async function finishAll(): Promise<void> {
    try {
      writeFileSync(join(folder, REQUESTS_FOLDER, 'finish'), '');
    } catch {
      // Somebody else cleans up the folder of temporary files, or the disk is full: threads can be asked in the other way.
    }
    if ((await unfinishedAfter(FINISH_MS)).length === 0) return;
    const held = new Set(unfinished().map(({ pid }) => pid));
    await Promise.allSettled([...held].map(finishHeld));
    await unfinishedAfter(FINISH_MS);
  }
  const finish = () => {
    finished ??= finishAll();
    return finished;
  };

  function discard(): void {
    clearInterval(timer);
    rmSync(folder, { recursive: true, force: true });
  }

  return {
    pid: child.pid,
    ended,
    finish,
    kill,
    async end() {
      if (!running) return;
      kill('SIGTERM');
      const late = setTimeout(kill, END_MS, 'SIGKILL');
      await ended;
      clearTimeout(late);
    },
    async recording() {
      try {
        collected.take();
        // What the program has started and left behind goes on without being recorded.
        if (unfinished().length > 0) await finish();
        const [first] = collected.threads();
        return { recording: collected.recording(intervalUs), title: first?.title ?? file };
      } finally {
        discard();
      }
    },
    discard,
  };
}

function makeFolder(): string {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'loopsight-record-'));
    mkdirSync(join(folder, REQUESTS_FOLDER), { mode: 0o700 });
    return folder;
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException;
    throw new UnwritableFile(
      `The program was not started: no folder for what it tells can be made in ${printable(tmpdir(), 200)} (${code}).`,
    );
  }
}

function sendTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

// --require comes first, so that what the program itself loads first is recorded as well.
function nodeOptions(preload: string, own: string): string {
  const quoted = `"${preload.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return [`--require ${quoted}`, own].filter((part) => part !== '').join(' ');
}
