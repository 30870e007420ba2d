// Stretches of code that run without an await in between, by number; copies of the package count them together.
import { lockState } from './lock-state.js';

export interface Stretches {
  number: number;
  isEnding: boolean;
}

/** The number of the stretch that runs now. It ends before anything goes on that waits for what is called after this. */
export function currentStretch(): number {
  const { stretches } = lockState();
  if (!stretches.isEnding) {
    stretches.isEnding = true;
    queueMicrotask(endStretch);
  }
  return stretches.number;
}

function endStretch(): void {
  const { stretches } = lockState();
  stretches.isEnding = false;
  stretches.number++;
}
