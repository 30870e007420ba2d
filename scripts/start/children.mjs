// The processes that `npm start` runs: all of them end when it ends.
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { root } from '../setup.mjs';

/** What a child gets to end by itself; the service drains for at most one second. */
const GRACE_MS = 2_000;

const children = new Set();
/** Aborted when everything is to end; the reason is a Failure, or a word after Ctrl-C or at the end of --duration. */
export const ending = new AbortController();

/** Ends the run; the first call decides how. */
export function end(failure) {
  if (!ending.signal.aborted) ending.abort(failure ?? 'asked to');
}

/** Runs a command to its end, or until everything ends. */
export function runToEnd(command, args, options = {}) {
  return new Promise((resolve) => {
    // A process group of its own, so that its own children can be ended with it.
    const child = track(
      spawn(command, args, {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: process.platform !== 'win32',
        windowsHide: true,
        ...options,
      }),
      { group: process.platform !== 'win32' },
    );
    let stdout = '';
    let output = '';
    child.stdout.on('data', (data) => {
      stdout += data;
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    child.once('error', (error) => resolve({ code: error.message, stdout, output }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, stdout, output }));
  });
}

/** Remembers `child` until it has ended. */
export function track(child, { group = false } = {}) {
  const tracked = { child, group };
  children.add(tracked);
  child.once('error', () => child.pid === undefined && children.delete(tracked));
  child.once('exit', () => children.delete(tracked));
  return child;
}

export function signalChildren(signal) {
  for (const { child, group } of children) {
    try {
      if (group) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch {
      // It has just ended.
    }
  }
}

/** Ends all children, hard after the grace. */
export async function endChildren() {
  signalChildren('SIGTERM');
  const endMs = performance.now() + GRACE_MS;
  while (children.size > 0 && performance.now() < endMs) await wait(20);
  if (children.size === 0) return;
  signalChildren('SIGKILL');
  // None can refuse, but each needs the processor once more until it has gone.
  while (children.size > 0 && performance.now() < endMs + GRACE_MS) await wait(20);
}
