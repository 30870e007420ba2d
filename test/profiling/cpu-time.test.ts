// Whose time the samples of a profile are.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCpuTime } from '../../src/profiling/cpu-time.js';
import { joinWindows } from '../../src/profiling/join-windows.js';
import { samplesOf } from '../../src/profiling/stall-samples.js';
import { createProfileWindows, readWindow } from '../../src/profiling/windows.js';
import type { TimedCapture } from '../../src/stalls/blame/evidence.js';
import { madeProfile } from './made-profile.js';

const OWN = '/srv/node_modules/loopsight/dist/';

function cpuTime(stacks: readonly string[], { cpuS = Number.NaN, windows = 1 } = {}): Record<string, number> {
  const seconds: Record<string, number> = {};
  let cpuNowS = 0;
  const time = createCpuTime({
    recorder: {
      sum: (_definition, attributes = {}) => {
        const key = [attributes['code.function.name'], attributes['code.file.path']]
          .filter((text) => text !== '')
          .join(' ');
        return {
          add: (value) => {
            seconds[key] = (seconds[key] ?? 0) + value;
          },
          release: () => {},
        };
      },
    },
    root: '/srv',
    ownFolder: OWN,
    mapped: (frame) => frame,
    threadCpuS: () => cpuNowS,
  });
  for (let window = 0; window < windows; window++) {
    cpuNowS += cpuS;
    time.add(readWindow(madeProfile(stacks)));
  }
  return Object.fromEntries(Object.entries(seconds).map(([key, value]) => [key, Math.round(value * 1000) / 1000]));
}

// Each sample stands for 100 ms; the callers come first.
describe('a sample belongs to', () => {
  const CASES: Readonly<Record<string, readonly [stack: string, owner: string | undefined]>> = {
    'the application': ['main@/srv/app.js > work@/srv/app.js', 'work app.js'],
    'who called a package': ['work@/srv/app.js > parse@/srv/node_modules/csv/index.js', 'work app.js'],
    'who called Node and its native functions': [
      'work@/srv/app.js > pbkdf2Sync@node:internal/crypto > run@',
      'work app.js',
    ],
    'the package, where the application did not call it': [
      'emit@node:events > handle@/srv/node_modules/router/index.js',
      'handle node_modules/router/index.js',
    ],
    'the function that a nameless one is in': ['work@/srv/app.js > @/srv/app.js', 'work app.js'],
    'a nameless one that nobody of the application called': ['emit@node:events > @/srv/app.js', '<anonymous> app.js'],
    'the garbage collector': ['(garbage collector)@', '_gc'],
    'no code of the application': ['processTimers@node:internal/timers', '_none'],
    'no code at all': ['(program)@', '_none'],
    'Loopsight itself': [`turn@${OWN}esm/src/register.js > now@node:perf_hooks`, '_loopsight'],
    'who called what Loopsight wraps': [
      `work@/srv/app.js > wrapper@${OWN}esm/src/register.js > readFileSync@node:fs`,
      'work app.js',
    ],
    'nobody while the loop sleeps': ['(idle)@', undefined],
    'nobody while a child process is waited for': [
      'work@/srv/app.js > spawnSync@node:internal/child_process > spawn@',
      undefined,
    ],
  };
  for (const [title, [stack, owner]] of Object.entries(CASES)) {
    test(title, () => {
      assert.deepEqual(cpuTime([stack]), owner === undefined ? {} : { [owner]: 0.1 });
    });
  }
});

describe('processor time', () => {
  test('is what the system counted, where the thread waited for a processor', () => {
    const stacks = ['one@/srv/app.js', 'one@/srv/app.js', 'one@/srv/app.js', 'two@/srv/app.js', '(idle)@'];
    assert.deepEqual(cpuTime(stacks, { cpuS: 0.2 }), { 'one app.js': 0.15, 'two app.js': 0.05 });
    assert.deepEqual(cpuTime(stacks, { cpuS: 3 }), { 'one app.js': 0.3, 'two app.js': 0.1 });
  });

  test('adds up from window to window', () => {
    assert.deepEqual(cpuTime(['one@/srv/app.js'], { windows: 3 }), { 'one app.js': 0.3 });
  });

  test('has series of its own for 100 functions, and one for all further ones', () => {
    const stacks = Array.from({ length: 130 }, (_, index) => `job${index}@/srv/app.js`);
    const seconds = cpuTime(stacks);
    assert.equal(Object.keys(seconds).length, 101);
    assert.equal(seconds._other, 3);
  });

  test('of a function that takes hardly any is not named', () => {
    const stacks = [...Array<string>(300).fill('one@/srv/app.js'), 'two@/srv/app.js'];
    assert.deepEqual(cpuTime(stacks), { 'one app.js': 30, _other: 0.1 });
  });
});

describe('windows', () => {
  test('are kept for a minute, and the newest one in any case', () => {
    const windows = createProfileWindows();
    const taken = windows.follow();
    for (const atMs of [0, 30_000, 70_000]) windows.add(madeProfile(['one@/srv/app.js'], { atMs }));
    assert.deepEqual(
      windows.within(0, 100_000).map(({ fromMs }) => fromMs),
      [30_000, 70_000],
    );
    assert.deepEqual(windows.within(30_050, 30_060).length, 1);
    assert.equal(taken.profiles().length, 3);
    taken.end();
    windows.add(madeProfile(['one@/srv/app.js'], { atMs: 80_000 }));
    assert.equal(taken.profiles().length, 3);
  });

  test('become one profile: the same chain of callers is one node', () => {
    const one = madeProfile(['main@/srv/app.js > work@/srv/app.js', '(idle)@']);
    const two = madeProfile(['main@/srv/app.js > rest@/srv/app.js', 'main@/srv/app.js > work@/srv/app.js'], {
      atMs: 200,
    });
    const joined = joinWindows([one, two]);
    assert.deepEqual(
      joined?.nodes.map(({ callFrame, hitCount }) => [callFrame.functionName, hitCount]),
      [
        ['(root)', 0],
        ['main', 0],
        ['work', 2],
        ['(idle)', 1],
        ['rest', 1],
      ],
    );
    assert.deepEqual([joined.startTime, joined.endTime], [0, 400_000]);
    const names = new Map(joined.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
    assert.deepEqual(
      joined.samples?.map((id) => names.get(id)),
      ['work', '(idle)', 'rest', 'work'],
    );
    assert.deepEqual(joined.timeDeltas, [0, 100_000, 100_000, 100_000]);
    assert.equal(joinWindows([]), undefined);
    assert.equal(joinWindows([one]), one);
  });
});

describe('the samples of a stall', () => {
  const profile = madeProfile([
    'before@/srv/app.js',
    'work@/srv/app.js > pbkdf2Sync@node:internal/crypto > run@',
    'work@/srv/app.js > pbkdf2Sync@node:internal/crypto > run@',
    '(program)@',
    'after@/srv/app.js',
  ]);
  const window = readWindow(profile);
  const samples = (captures: readonly TimedCapture[] = [], ownFolder = '') =>
    samplesOf({ fromMs: 50, toMs: 350, captures }, [window], ownFolder);

  test('are those within it, one for each stretch, native functions included', () => {
    assert.deepEqual(
      samples().map(({ capture }) => [capture.atMs, capture.frames.map(([name, file]) => `${name} ${file}`)]),
      [[200, ['run native', 'pbkdf2Sync node:internal/crypto', 'work /srv/app.js']]],
    );
  });

  test('have the place, the route and the span that a capture knew of the same function', () => {
    const span = { traceId: 'a', spanId: 'b', sampled: true };
    const late = (begin: number): TimedCapture => ({
      askedMs: 60,
      capture: {
        atMs: 340,
        frames: [['Basket.work', '/srv/app.js', 44, 3, false, begin, 1]],
        asyncId: 5,
        route: 'GET /',
        span,
      },
    });
    const [begin] = madeProfile(['work@/srv/app.js']).nodes.slice(1);
    const line = (begin?.callFrame.lineNumber ?? 0) + 1;
    const [known] = samples([late(line)]);
    assert.deepEqual(known?.capture.frames.at(-1), ['Basket.work', '/srv/app.js', 44, 3, false, line, 1]);
    assert.deepEqual({ route: known?.capture.route, span: known?.capture.span }, { route: 'GET /', span });
    const [other] = samples([late(line + 100)]);
    assert.equal(other?.capture.route, undefined);
  });
});
