// Load that leaves a small machine with several replicas something to spare: few of the reports, which take 70 ms of computing and more.
import { Agent, request } from 'node:http';
import { startArrivals } from '../../demo/arrivals.js';

/** Requests a second to each replica. */
const KINDS = [
  { ratePerS: 11, method: 'GET', path: () => '/' },
  { ratePerS: 1, method: 'POST', path: () => `/restarts?host=web-${pick(40)}` },
  { ratePerS: 0.1, method: 'GET', path: () => `/reports/${pick(1000)}` },
] as const;

/** Sends requests to the service at `url`, whether or not it keeps up, until it is stopped. */
export function startLoad(url: string): { stop(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const arrivals = KINDS.map(({ ratePerS, method, path }) =>
    startArrivals({
      ratePerS,
      onArrival() {
        const sent = request(new URL(path(), url), { agent, method }, (response) => response.resume());
        // One that is on its way when a replica is replaced.
        sent.on('error', () => {});
        sent.end();
      },
    }),
  );
  return {
    stop() {
      for (const each of arrivals) each.stop();
      agent.destroy();
    },
  };
}

function pick(count: number): number {
  return 1 + Math.floor(Math.random() * count);
}
