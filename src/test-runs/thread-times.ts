// What the system says of the calling thread: how long it ran, and how long it was ready to and had no processor.
import { readFileSync } from 'node:fs';

/** Since the thread began, in milliseconds; undefined where the system does not tell (it is Linux that does). */
export function withoutProcessorMs(): number | undefined {
  try {
    const [cpu, runQueue] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ').map(Number);
    // Kernels without scheduler statistics say 0.
    return cpu === undefined || runQueue === undefined || !(cpu > 0) ? undefined : runQueue / 1e6;
  } catch {
    return undefined;
  }
}
