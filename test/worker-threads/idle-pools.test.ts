// Workers of pools that wait for their next task in Atomics.wait: their loop does not turn, and nothing holds it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { registerCjs, registerEsm, startInstrumented } from '../support/instrumented.js';

interface Addresses {
  readonly app: string;
  readonly metrics: string;
}

type Labels = Readonly<Record<string, string>>;

async function startPool(library: string, nodeArguments: readonly string[]) {
  const fixture = '../libraries/programs/idle-pool.mjs';
  const program = await startInstrumented<Addresses>(fixture, { POOL_LIBRARY: library }, nodeArguments);
  const { app, metrics } = program.said;
  // All threads but the main one: the pool is the only one that has any.
  async function scrape() {
    const lines = (await (await fetch(metrics)).text()).split('\n').filter((line) => !line.includes('"main"'));
    return (metric: string, labels: Labels = {}) => {
      const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
      const found = lines.filter(
        (line) => line.startsWith(`${metric}{`) && wanted.every((label) => line.includes(label)),
      );
      return found.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    };
  }
  type Sample = Awaited<ReturnType<typeof scrape>>;
  return {
    scrape,
    async run(holdMs: number): Promise<void> {
      await (await fetch(app, { method: 'POST', body: JSON.stringify({ holdMs }) })).json();
    },
    async scrapeWhen(condition: (sample: Sample) => boolean, what: string): Promise<Sample> {
      for (const deadline = Date.now() + 60_000; ; await sleep(25)) {
        const sample = await scrape();
        if (condition(sample)) return sample;
        assert.ok(Date.now() < deadline, `${what} ${program.stderr()}`);
      }
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

const WAITING = { worker_state: 'waiting' };
const ACTIVE = { nodejs_eventloop_state: 'active' };
const IDLE = { nodejs_eventloop_state: 'idle' };
const STALLS = 'loopsight_eventloop_stalls_total';
const TIME = 'nodejs_eventloop_time_seconds_total';
const LAG = 'loopsight_eventloop_lag_seconds';

for (const [library, nodeArguments] of [
  ['piscina', ['--import', registerEsm]],
  ['tinypool', ['--require', registerCjs]],
] as const) {
  test(`an idle worker of ${library} waits and is not blocked; a task that holds it is a stall with a name`, async () => {
    await using pool = await startPool(library, nodeArguments);
    await pool.run(0);
    const idle = await pool.scrapeWhen((sample) => sample('loopsight_worker_states', WAITING) === 1, 'it waits');
    const later = await pool.scrapeWhen((sample) => sample(TIME, IDLE) > idle(TIME, IDLE) + 0.5, 'it counts as idle');
    assert.equal(later('loopsight_eventloop_blocked_seconds'), 0);
    const active = later(TIME, ACTIVE) - idle(TIME, ACTIVE);
    assert.ok(active < 0.2, `active for ${active} s of at least 0.5 s`);

    // For longer than a scrape may take on a busy machine.
    const task = pool.run(2500);
    await pool.scrapeWhen((sample) => sample('loopsight_eventloop_blocked_seconds') > 0.15, 'the task holds the loop');
    await task;
    const culprit = { code_function_name: 'heldFor', loopsight_stall_cause: 'javascript' };
    const held = await pool.scrapeWhen(
      (sample) => sample(STALLS, culprit) >= 1 && sample('loopsight_eventloop_blocked_seconds') === 0,
      'the task is named, and over',
    );

    // Who came while it was idle was served at once: about 40 arrivals, which would have waited for 40 s together.
    await pool.scrapeWhen((sample) => sample(TIME, IDLE) > held(TIME, IDLE) + 2, 'it is idle again');
    await pool.run(0);
    const served = await pool.scrapeWhen((sample) => sample(`${LAG}_count`) > held(`${LAG}_count`) + 4, 'arrivals');
    // Those of the start are told of by now; a busy machine adds some of its own.
    const stalls = (sample: typeof held) => sample(STALLS) - sample(STALLS, { loopsight_stall_cause: 'descheduled' });
    assert.equal(stalls(served), stalls(held), 'a wait for a task is no stall');
    const waitedS = served(`${LAG}_sum`) - held(`${LAG}_sum`);
    assert.ok(waitedS < 0.5, `arrivals at an idle worker waited for ${waitedS} s`);
  });
}
