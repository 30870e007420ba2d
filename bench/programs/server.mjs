// A bare HTTP server; what it is compared with is loaded before it.
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { answerWith } from './answer.mjs';
import { readAnonymousBytes } from './memory.mjs';

const server = createServer((_request, response) => response.end('ok'));

answerWith({
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(server.address().port));
    }),
  /** CPU time of all threads, and the main loop's busy time, so far. */
  usage: () => {
    const { user, system } = process.cpuUsage();
    return { cpuUs: user + system, activeMs: performance.eventLoopUtilization().active, nowMs: performance.now() };
  },
  /** Resident memory after collecting garbage; needs --expose-gc. */
  memory: async (settleMs) => {
    await wait(settleMs);
    globalThis.gc();
    await wait(200);
    globalThis.gc();
    return { rss: process.memoryUsage.rss(), anonymous: readAnonymousBytes() };
  },
  hooks: () => globalThis.hookTimes?.(),
});
