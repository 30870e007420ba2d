// A program that waits for a child for as long as a test wants, however fast the machine is.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf } from '../../src/attach/system-threads.js';
import { eventually } from '../support/eventually.js';
import { startTarget, type Target, type TargetOptions } from '../support/target.js';

/** A target that waits. */
export interface Waiting extends Target {
  /** Ends its child, so that it goes on. */
  goOn(): void;
  /** Resolves when a signal has reached it: at the latest then it has woken, for a moment. */
  signalled(): Promise<void>;
}

/** How often two looks at a thread that sleeps must agree. */
const SETTLED_MS = 200;

/** Starts programs/exec-sync.cjs; resolves when it waits. */
export async function startWaiting(options: TargetOptions = {}): Promise<Waiting> {
  const target = await startTarget('exec-sync.cjs', options);
  const { pid } = target;
  await eventually(
    () => childrenOf(pid, pid),
    (children) => children.some(({ command }) => command === 'sleep'),
  );
  const wakes = () =>
    Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  let settled = Number.NaN;
  while (wakes() !== settled) {
    settled = wakes();
    await delay(SETTLED_MS);
  }
  const goOn = () => {
    for (const child of childrenOf(pid, pid)) process.kill(child.pid);
  };
  return {
    ...target,
    goOn,
    async signalled() {
      await eventually(wakes, (now) => now > settled);
    },
    kill() {
      goOn();
      return target.kill();
    },
  };
}
