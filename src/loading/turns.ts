// Several copies of the package, or several recorders, may watch for the same library; one of them patches it at a time.
import { sharedState } from '../shared-state.js';

/** One of those who want to do the same thing. */
export interface Turn {
  begin(): void;
  end(): void;
}

/** Queues up for `key`; true where the turn is on now, which its `begin` is then not told. */
export function queueUp(key: string, turn: Turn): boolean {
  const state = sharedState();
  state.libraryTurns ??= new Map();
  const turns = state.libraryTurns.get(key) ?? [];
  state.libraryTurns.set(key, turns);
  return turns.push(turn) === 1;
}

/** Leaves the line for `key`: the turn ends if it was on, and the next one begins. */
export function leave(key: string, turn: Turn): void {
  const turns = sharedState().libraryTurns?.get(key) ?? [];
  const at = turns.indexOf(turn);
  if (at === -1) return;
  turns.splice(at, 1);
  if (at > 0) return;
  turn.end();
  turns[0]?.begin();
}
