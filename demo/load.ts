// The load generator: open-loop requests to the sample service, from a process of its own.
import { Agent, request } from 'node:http';
import { startArrivals } from './arrivals.js';
import { type LoadFlags, parseLoadFlags } from './load-flags.js';
import { watchParent } from './parent-watch.js';

/** Shares of the requests, in their order; they add up to 1. */
const MIX: readonly { readonly share: number; readonly method: string; readonly path: () => string }[] = [
  { share: 0.45, method: 'GET', path: () => `/reports/${pick(1000)}` },
  { share: 0.2, method: 'POST', path: () => `/restarts?host=web-${pick(40)}` },
  { share: 0.35, method: 'GET', path: () => '/' },
];

function readFlagsOrExit(): LoadFlags {
  try {
    return parseLoadFlags(process.argv.slice(2));
  } catch (error) {
    console.error(`load: ${error instanceof Error ? error.message : String(error)}.`);
    process.exit(2);
  }
}

function run({ url, ratePerS, durationS, maxInFlight, report }: LoadFlags): void {
  const agent = new Agent({ keepAlive: true, maxSockets: maxInFlight });
  const counts = { sent: 0, answered: 0, failed: 0, skipped: 0 };
  let inFlight = 0;

  function send(): void {
    if (inFlight >= maxInFlight) {
      counts.skipped++;
      return;
    }
    const { method, path } = choose(Math.random());
    inFlight++;
    counts.sent++;
    const sent = request(new URL(path(), url), { agent, method }, (response) => {
      counts.answered++;
      response.resume();
    });
    // A service that is down, or has gone away half-way, is for whoever watches it to tell.
    sent.on('error', () => counts.failed++);
    sent.on('close', () => inFlight--);
    sent.end();
  }

  function stop(): void {
    if (report) process.stdout.write(`${JSON.stringify(counts)}\n`, () => process.exit(0));
    else process.exit(0);
  }

  startArrivals({ ratePerS, onArrival: send });
  if (Number.isFinite(durationS)) setTimeout(stop, durationS * 1000);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  watchParent(stop);
}

function choose(uniform: number) {
  let below = 0;
  const chosen = MIX.find(({ share }) => {
    below += share;
    return uniform < below;
  });
  return chosen ?? { method: 'GET', path: () => '/' };
}

function pick(count: number): number {
  return 1 + Math.floor(Math.random() * count);
}

run(readFlagsOrExit());
