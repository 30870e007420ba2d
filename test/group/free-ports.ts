// Ports that nothing listens on, each another one.
import { freePort } from '../support/prometheus.js';

export { freePort };

/** So many ports of this machine that are free, and that no other test takes. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}
