// Which locks the code that runs right now holds: kept in the async context, which follows a flow through its awaits.
import { AsyncLocalStorage } from 'node:async_hooks';
import { lockState } from './lock-state.js';
import type { LockUse } from './lock-use.js';
import { currentStretch } from './stretch.js';

const FIRST_CHEAP_MAJOR = 24;
/** Of more locks than this that a flow holds the first ones are not followed: they are never given back. */
const MOST_HELD = 16;

/** Whether async contexts cost next to nothing here: before Node 24 the first one makes every promise of a process dearer. */
export function flowsAreCheap(): boolean {
  return Number.parseInt(process.versions.node, 10) >= FIRST_CHEAP_MAJOR;
}

/** The stretch that runs now, where flows are followed; to be asked before the lock is. */
export function askingStretch(): number {
  return lockState().opposite.size > 0 ? currentStretch() : 0;
}

/** The locks that the flow holds, the first one first. */
export function heldByFlow(): readonly LockUse[] {
  return livingOf(followed());
}

/** From now on, also after its next awaits, the flow has what `use` comes to beside what it held: `heldByFlow()`. */
export function enterFlow(use: LockUse, held: readonly LockUse[]): void {
  followed()?.enterWith(withUse(held, use));
}

/** Runs `work` as the flow that has `use`. */
export function runInFlow<T>(use: LockUse, work: () => T): T {
  const flows = followed();
  return flows === undefined ? work() : flows.run(withUse(livingOf(flows), use), work);
}

/** Runs `work` so that its caller does not have what it takes. */
export function runApart<T>(work: () => T): T {
  const flows = followed();
  // A list that is the same would not be put back afterwards: Node takes `run` with it for no change.
  return flows === undefined ? work() : flows.run([...(flows.getStore() ?? NONE)], work);
}

const NONE: readonly LockUse[] = [];

type Flows = AsyncLocalStorage<readonly LockUse[] | undefined>;

function followed(): Flows | undefined {
  const state = lockState();
  if (state.opposite.size === 0) return undefined;
  state.flows ??= new AsyncLocalStorage();
  return state.flows;
}

// A list of its own for each use: what a flow goes on with must not hold on to what it had long ago.
function withUse(held: readonly LockUse[], use: LockUse): readonly LockUse[] {
  return held.length === 0 ? [use] : [...held.slice(1 - MOST_HELD), use];
}

// The context of who asks is also that of the code that it was called by. What still waits, or was asked for in this very
// stretch, is another flow's, because its own would not run now.
function livingOf(flows: Flows | undefined): readonly LockUse[] {
  const uses = flows?.getStore();
  if (uses === undefined || !uses.some(({ isHeld }) => isHeld)) return NONE;
  return uses.filter((use) => use.isHeld && use.stretch !== currentStretch());
}
