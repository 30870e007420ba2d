// Time accounting against what programs know of themselves, alone and with neighbours that hold the loop for half of the time.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const PROGRAM = join('test', 'traced', 'time', 'programs', 'truth.mjs');
/** Own time, against the sum of the function's own loops by the clock. */
const OWN_WITHIN_MS = 3;
/** Offloaded time of functions that do nothing but wait for one piece of work, against their duration. */
const OFFLOADED_WITHIN_MS = 4;
/**
 * A machine that takes the processor away between two lines of a program adds to what is measured, not to what the program
 * knows of itself: each figure has to be right in one of so many runs.
 */
const RUNS = 12;

interface Measured {
  readonly name: string;
  readonly calls: number;
  readonly unfinished: number;
  readonly wallMs: number;
  readonly ownMs: number;
  readonly othersMs: number;
  readonly idleMs: number;
  readonly offloadedMs: number;
}

interface Run {
  readonly functions: readonly Measured[];
  readonly known: Readonly<Record<string, number>>;
  readonly walls: Readonly<Record<string, number>>;
}

const CALLS: Readonly<Record<string, number>> = { 'nested inner': 2, 'part of all': 4, 'many calls': 1000 };
/** Those whose whole time is with others, and those of which some is. */
const OFFLOADED = ['pbkdf2', 'web crypto', 'fs callback', 'two at once', 'child', 'piscina', 'own pool'];
const PARTLY_OFFLOADED = ['fs promises', 'dns', 'gzip'];
const HELD = ['io alone', 'cpu first', 'half and half', 'left behind'];

/** The case in which a function runs, where that is not its own. */
const CASES: Readonly<Record<string, string>> = { 'nested inner': 'nested', 'part of all': 'all at once' };

interface Check {
  readonly what: string;
  /** The function that is to run. */
  readonly name: string;
  /** What is wrong. */
  readonly complaint: (run: Run) => string | undefined;
}

function of({ functions }: Run, name: string): Measured {
  const found = functions.find((one) => one.name === name);
  assert.ok(found, `nothing was measured of ${name}`);
  return found;
}

/** What is wrong with a figure, if it is too far away. */
function near(name: string, figure: number, truth: number, withinMs: number): string | undefined {
  const apart = Math.abs(figure - truth);
  return apart <= withinMs ? undefined : `${name}: ${figure.toFixed(1)} ms, known ${truth.toFixed(1)} ms`;
}

function checksOf(isBusy: boolean, first: Run): Check[] {
  const checks: Check[] = [];
  const check = (name: string, what: string, figure: (of: Measured, run: Run) => string | undefined) => {
    checks.push({ what: `${what} of ${name}`, name, complaint: (run) => figure(of(run, name), run) });
  };
  for (const name of Object.keys(first.known)) {
    check(name, 'own time', ({ ownMs }, { known }) => near(name, ownMs, known[name] ?? Number.NaN, OWN_WITHIN_MS));
  }
  for (const name of OFFLOADED) {
    check(name, 'offloaded time', (one) => near(name, one.offloadedMs, one.wallMs, OFFLOADED_WITHIN_MS));
  }
  check('io alone', 'own time', ({ ownMs }) => near('own', ownMs, 0, OWN_WITHIN_MS));
  if (isBusy) {
    for (const name of HELD) {
      check(name, 'others', ({ othersMs }) => (othersMs >= 10 ? undefined : `${othersMs} ms of others`));
    }
  } else {
    check('io alone', 'idle time', ({ idleMs }) => near('idle', idleMs, 100, 5));
    check('cpu first', 'idle time', ({ idleMs }) => near('idle', idleMs, 50, 5));
    check('io alone', 'others', ({ othersMs }) => near('others', othersMs, 0, OWN_WITHIN_MS));
  }
  return checks;
}

/** What holds in every run, whatever the machine does meanwhile. */
function assertAlways(run: Run): void {
  for (const one of run.functions) {
    const { name, wallMs, ownMs, othersMs, idleMs, offloadedMs } = one;
    assert.equal(one.calls, CALLS[name] ?? 1, `calls of ${name}`);
    assert.equal(one.unfinished, 0, `unfinished calls of ${name}`);
    assert.ok(Math.abs(ownMs + othersMs + idleMs - wallMs) < 0.01, `the parts of ${name} add up`);
    for (const part of [ownMs, othersMs, idleMs, offloadedMs]) assert.ok(part >= 0 && part <= wallMs + 0.01, name);
    assert.ok(wallMs <= (run.walls[name] ?? Number.POSITIVE_INFINITY), `${name} takes no longer than for its caller`);
  }
  for (const name of Object.keys(run.known)) assert.equal(of(run, name).offloadedMs, 0, `${name} hands nothing over`);
}

/** The same of those that only the first run has. */
function assertFirst(run: Run): void {
  const synchronous = of(run, 'pbkdf2Sync');
  assert.equal(synchronous.offloadedMs, 0, 'what blocks the loop is not offloaded');
  assert.ok(synchronous.ownMs > 2, 'what blocks the loop is its own');
  for (const name of PARTLY_OFFLOADED) assert.ok(of(run, name).offloadedMs > 0, name);
}

for (const isBusy of [false, true]) {
  test(`the time of functions is accounted for, ${isBusy ? 'with busy neighbours' : 'alone'}`, async (t) => {
    const first = await runProgram(isBusy, []);
    assertAlways(first);
    assertFirst(first);
    t.diagnostic(`own time within ${OWN_WITHIN_MS} ms, offloaded time within ${OFFLOADED_WITHIN_MS} ms`);
    let wrong = checksOf(isBusy, first).filter(({ complaint }) => complaint(first) !== undefined);
    let last = first;
    for (let run = 1; run < RUNS && wrong.length > 0; run++) {
      last = await runProgram(isBusy, [...new Set(wrong.map(({ name }) => CASES[name] ?? name))]);
      assertAlways(last);
      wrong = wrong.filter(({ complaint }) => complaint(last) !== undefined);
    }
    assert.deepEqual(
      wrong.map(({ what, complaint }) => `${what}: ${complaint(last)}`),
      [],
    );
  });
}

async function runProgram(isBusy: boolean, cases: readonly string[]): Promise<Run> {
  const args = [PROGRAM, isBusy ? 'busy' : 'alone', ...cases];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Run;
}
