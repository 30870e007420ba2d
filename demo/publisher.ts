// The chaos monkey itself: it asks for the restart of hosts at random moments.
import { traced } from 'loopsight';
import { startArrivals } from './arrivals.js';
import type { Faults } from './faults.js';
import type { RestartQueue } from './restart-queue.js';
import type { Totals } from './totals.js';

const HOSTS = 40;
const RATE_PER_S = 4;
/** More than the consumers handle, which is some 15 a second. */
const RATE_OF_THE_FAULT_PER_S = 18;

/** Publishes restart events until stopped. */
export function startPublisher(queue: RestartQueue, totals: Totals, faults: Faults): { stop(): void } {
  const publish = traced('publishRestart', () => {
    queue.add(`web-${1 + Math.floor(Math.random() * HOSTS)}`);
    void totals.add(1);
  });
  return startArrivals({
    ratePerS: faults.has('unbounded-queue') ? RATE_OF_THE_FAULT_PER_S : RATE_PER_S,
    onArrival: publish,
  });
}
