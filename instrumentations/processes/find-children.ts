// Every child process that this thread starts, without a change to the code: a diagnostics channel of Node tells of each.
import type { ChildProcess } from 'node:child_process';
import diagnosticsChannel from 'node:diagnostics_channel';

const CHANNEL = 'child_process';

/** What was found, once it is known whether the child runs. */
export interface ChildFinder {
  /** It runs since `startedMs`, in milliseconds of the clock. */
  readonly started: (child: ChildProcess, startedMs: number) => void;
  /** It could not be started; `exitCode` is the negative number of the error, where there is one. */
  readonly refused: (child: ChildProcess, exitCode: number | undefined) => void;
}

/** Tells `finder` of each child process from now on, after the code that started it has run; returns the undo. */
export function findChildren({ started, refused }: ChildFinder, nowMs: () => number): () => void {
  const seen = new WeakSet<object>();
  let stopped = false;

  // The channel speaks inside the constructor, before the child has a program.
  function constructed(message: unknown): void {
    const child = (message as { readonly process?: unknown } | undefined)?.process;
    // Anybody may publish under this name.
    if (typeof child !== 'object' || child === null || seen.has(child)) return;
    seen.add(child);
    process.nextTick(settle, child, nowMs());
  }

  function settle(child: ChildProcess, startedMs: number): void {
    if (stopped || typeof child.spawnfile !== 'string') return;
    if (typeof child.pid === 'number') started(child, startedMs);
    // Node says why in a tick that begins after this one.
    else process.nextTick(() => refused(child, child.exitCode ?? undefined));
  }

  diagnosticsChannel.subscribe(CHANNEL, constructed);
  return () => {
    stopped = true;
    diagnosticsChannel.unsubscribe(CHANNEL, constructed);
  };
}
