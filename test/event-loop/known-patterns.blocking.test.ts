// Really blocks loops, in child processes: what the lag monitor records is what the loops did.
// Takes about 20 s where there are four CPUs, 35 s with two.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

// How long is long enough? Each child computes the truth from its own timeline, and the probes do not depend on that
// timeline. So the n probes of a run are n independent draws from the true distribution, however long its blocks are,
// and the inequality of Dvoretzky, Kiefer and Wolfowitz bounds all bucket boundaries at once:
//   P(some |measured - expected| > e) <= 2 exp(-2 n e^2).
// e = 0.015 leaves 0.005 of the 0.02 for the millisecond grain of timers. For less than 1e-4 in all four runs together,
// 2 exp(-2 n e^2) <= 2.5e-5 gives n >= 25,100. One stream of 20 probes a second would need 21 minutes; 90 independent
// streams with the same settings need 14 s, and 15 s give 27,000 probes.
const STREAMS = 90;
const LENGTH_MS = 15_000;
const PROBES_NEEDED = 25_100;
const TOLERANCE = 0.02;

const PATTERNS = [
  { blockMs: 200, periodMs: 1000 },
  // Locked to a phase of 50 ms: probes at a fixed 50 ms saw 0.008 of it instead of 0.2.
  { blockMs: 30, periodMs: 100 },
  { blockMs: 20, periodMs: 100 },
  { blockMs: 1500, periodMs: 3000 },
];

// A loop that shares its CPU has gaps of a millisecond everywhere, which the grain of its timers hides from it in part. Where
// the system took more than this share of the run away, the run says little, and is made again, …
const WAITED_SHARE = 0.1;
/** … so many times in all. */
const ATTEMPTS = 2;

interface Outcome {
  readonly probes: number;
  /** Share of the time in which the program was ready to run and had no CPU. */
  readonly waitedShare: number;
  readonly rows: readonly { readonly boundMs: number; readonly measured: number; readonly expected: number }[];
}

// The loops never sleep: with a CPU for each, the patterns are what they are called.
const concurrency = Math.min(PATTERNS.length, availableParallelism());

test('known patterns, side by side in real time', { concurrency, timeout: 280_000 }, async (t) => {
  const runs = PATTERNS.map(({ blockMs, periodMs }) =>
    t.test(`${blockMs} ms blocked of each ${periodMs}: within ${TOLERANCE} at every bucket boundary`, async () => {
      let outcome = await runPattern(blockMs, periodMs);
      for (let attempt = 1; attempt < ATTEMPTS && outcome.waitedShare > WAITED_SHARE; attempt++)
        outcome = await runPattern(blockMs, periodMs);
      const { probes, rows } = outcome;
      assert.ok(probes >= PROBES_NEEDED, `${probes} probes are too few to judge by`);
      for (const { boundMs, measured, expected } of rows) {
        const message = `P(lag > ${boundMs} ms) was recorded as ${measured} and is ${expected}`;
        assert.ok(Math.abs(measured - expected) <= TOLERANCE, message);
      }
    }),
  );
  await Promise.all(runs);
});

async function runPattern(blockMs: number, periodMs: number): Promise<Outcome> {
  const program = join(import.meta.dirname, 'known-pattern.ts');
  const args = [blockMs, periodMs, LENGTH_MS, STREAMS].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, ...args], {
    timeout: 110_000,
    killSignal: 'SIGKILL',
  });
  return JSON.parse(stdout) as Outcome;
}
