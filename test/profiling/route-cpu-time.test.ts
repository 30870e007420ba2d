// Which route and function the counters are given, from windows and samples that are made.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { profileFrom } from '../../src/profile/from-v8.js';
import { writePprof } from '../../src/profile/pprof.js';
import { createRouteCpuTime } from '../../src/profiling/route-cpu-time.js';
import { createRouteMemory, routesOfSamples } from '../../src/profiling/route-samples.js';
import { createProfileWindows } from '../../src/profiling/windows.js';
import { OWNER, type RouteName, type RouteNews, type RouteWindow } from '../../src/route-windows.js';
import { madeProfile } from './made-profile.js';

const { nobody, outside } = OWNER;
const A: RouteName = { method: 'GET', route: '/a/:id' };
const B: RouteName = { method: 'POST', route: '/b' };
const UNKNOWN: RouteName = { method: 'GET', route: undefined };

/** A window from 0 to 1 s, in which what ran changed as given; it stands for itself alone. */
function made(
  changes: readonly (readonly [ms: number, owner: number])[],
  given: Partial<RouteWindow> = {},
): RouteWindow {
  return {
    sinceMs: 0,
    fromMs: 0,
    toMs: 1000,
    endMs: 1000,
    routes: [A, B, UNKNOWN],
    ...given,
    timesMs: Float64Array.from(changes, ([ms]) => ms),
    owners: Int32Array.from(changes, ([, owner]) => owner),
  };
}

/** Ten samples, 100 ms apart, and 5 ms after each full tenth. */
const stacks = (functions: readonly string[]) =>
  functions.map((name) => (name.startsWith('(') ? `${name}@` : `${name}@/srv/app.js`));
const IDLE = '(idle)';

interface Counting {
  take(news: RouteNews, functions: readonly string[], cpuS?: number, atMs?: number): void;
  read(): Readonly<Record<string, number>>;
  readonly counted: ReturnType<typeof createRouteCpuTime>;
}

function counting(isTold = true): Counting {
  const seconds: Record<string, number> = {};
  const windows = createProfileWindows();
  let cpuNowS = 0;
  const counted = createRouteCpuTime({
    recorder: {
      sum(_metric, attributes = {}) {
        const [method = '', route, name] = ['http.request.method', 'http.route', 'code.function.name'].map(
          (key) => attributes[key],
        );
        const key = `${method} ${route} ${name}`.trim();
        return {
          add(value) {
            seconds[key] = (seconds[key] ?? 0) + value;
          },
          release() {
            delete seconds[key];
          },
        };
      },
    },
    windows,
    root: '/srv',
    ownFolder: '',
    mapped: (frame) => frame,
    threadCpuS: () => (isTold ? cpuNowS : Number.NaN),
  });
  return {
    counted,
    take(news, functions, cpuS = 0, atMs = 0) {
      cpuNowS += cpuS;
      counted.take(news);
      counted.profiled(windows.add(madeProfile(stacks(functions), { atMs })).toMs);
    },
    read() {
      // The next profile brings what was new.
      counted.profiled(Number.NEGATIVE_INFINITY);
      return Object.fromEntries(Object.entries(seconds).map(([key, value]) => [key, Math.round(value * 1000) / 1000]));
    },
  };
}

describe('time by route', () => {
  test('is as long as the loop ran for it, in the functions that samples saw', () => {
    const { take, read } = counting(false);
    const window = made([
      [0, 0],
      [150, 1],
      [400, 2],
      [500, nobody],
      [600, outside],
    ]);
    // What is idle or waits for a child process took no processor.
    take({ window }, ['f', 'g', 'g', 'h', 'g', 'f', 'k', IDLE, IDLE, IDLE]);
    assert.deepEqual(read(), {
      'GET /a/:id f': 0.075,
      'GET /a/:id g': 0.075,
      'POST /b g': 0.125,
      'POST /b h': 0.125,
      'GET _unknown g': 0.1,
      '_none f': 0.1,
      '_none k': 0.1,
    });
  });

  test('of a route without a sample is kept until there is one', () => {
    const { take, read } = counting(false);
    take(
      {
        window: made([
          [10, 0],
          [60, outside],
        ]),
      },
      Array(10).fill(IDLE),
    );
    assert.deepEqual(read(), {});
    const next = made(
      [
        [2000, 0],
        [2100, outside],
      ],
      { sinceMs: 2000, fromMs: 2000, toMs: 3000, endMs: 3000 },
    );
    take({ window: next }, ['f', ...Array(9).fill(IDLE)], 0, 2000);
    assert.deepEqual(read(), { 'GET /a/:id f': 0.15 });
  });

  test('after the window is the request’s, and was somebody’s before it', () => {
    const { take, read } = counting(false);
    const window = made(
      [
        [0, nobody],
        [200, outside],
        [900, 0],
        [1200, outside],
      ],
      { endMs: 1500 },
    );
    take({ window }, ['f', 'f', ...Array(7).fill(IDLE), 'f', 'f', 'f', ...Array(3).fill(IDLE)]);
    // 200 ms of f at the begin belong to requests of before, as many as ran after the end.
    assert.deepEqual(read(), { 'GET /a/:id f': 0.3 });
  });
});

describe('what a window stands for', () => {
  const HALF = [
    [0, 0],
    [500, outside],
  ] as const;
  const SAMPLES = [...Array(5).fill('f'), ...Array(5).fill(IDLE)];

  test('is the CPU time since the last one', () => {
    const { take, read } = counting();
    take({ window: made(HALF, { sinceMs: -9000 }) }, SAMPLES, 4);
    assert.deepEqual(read(), { 'GET /a/:id f': 4 });
  });

  test('is no more than twice of what it saw: the rest is the next one’s', () => {
    const { take, read } = counting();
    take({ window: made(HALF) }, SAMPLES, 4);
    assert.equal(read()['GET /a/:id f'], 1);
    const next = made(
      [
        [2000, 1],
        [2500, outside],
      ],
      { sinceMs: 1000, fromMs: 2000, toMs: 3000, endMs: 3000 },
    );
    take({ window: next }, SAMPLES, 0.5, 2000);
    assert.equal(read()['POST /b f'], 2);
  });

  test('is never more than the CPU time', () => {
    const { take, read } = counting();
    take({ window: made(HALF) }, SAMPLES, 0.2);
    assert.equal(read()['GET /a/:id f'], 0.2);
  });

  test('without requests, it is of none', () => {
    const { take, read } = counting();
    take({ noneUntilMs: 500 }, SAMPLES, 3);
    assert.deepEqual(read(), { '_none _other': 3 });
  });

  test('waits for the profile of its time', () => {
    const { counted, take, read } = counting(false);
    counted.take({ window: made(HALF, { fromMs: 0 }) });
    counted.profiled(900);
    assert.deepEqual(read(), {});
    take({ noneUntilMs: 1000 }, SAMPLES);
    assert.equal(read()['GET /a/:id f'], 0.5);
  });
});

test('routes and functions are bounded, and all go with the last', () => {
  const { counted, take, read } = counting(false);
  const routes = Array.from({ length: 200 }, (_, index) => ({ method: 'GET', route: `/r${index}` }));
  for (let window = 0; window < 10; window++) {
    const atMs = window * 1000;
    const changes = routes.map((_, place) => [atMs + place * 5, place] as const);
    const times = { sinceMs: atMs, fromMs: atMs, toMs: atMs + 1000, endMs: atMs + 1000 };
    const samples = Array.from({ length: 10 }, (_, index) => `f${window * 10 + index}`);
    take({ window: { ...made(changes, times), routes } }, samples, 0, atMs);
  }
  const keys = Object.keys(read());
  assert.ok(new Set(keys.map((key) => key.split(' ').at(-2))).size <= 52, `${keys}`);
  const one = made([[20_000, 0]], { sinceMs: 20_000, fromMs: 20_000, toMs: 27_000, endMs: 27_000, routes: [A] });
  for (let turn = 0; turn < 20; turn++) {
    const samples = Array.from({ length: 70 }, (_, index) => `g${index % 35}`);
    take({ window: one }, samples, 0, 20_000);
  }
  for (let route = 0; route < 200; route++) {
    assert.ok(Object.keys(read()).filter((key) => key.startsWith(`GET /r${route} `)).length <= 11);
  }
  counted.stop();
  assert.deepEqual(read(), {});
});

test('samples have the label of their route in pprof, and what is not known has none', () => {
  const memory = createRouteMemory();
  memory.add(
    made([
      [0, 0],
      [150, 1],
      [350, 2],
      [450, nobody],
    ]),
  );
  const profile = madeProfile(stacks(['f', 'f', 'f', 'g', 'g', 'g', ...Array(6).fill('f')]));
  const routes = routesOfSamples(profile, memory.within(0, 2000));
  assert.ok(routes);
  const thread = { thread: 'main', threadId: 0, profile, routes };
  const recording = { pid: 1, nodeVersion: '', unixMs: 0, intervalUs: 100_000, threads: [thread], notes: [] };
  const decoded = Profile.decode(gunzipSync(writePprof(profileFrom(recording, { title: '', root: '/srv' }))));
  const text = (place: number | bigint) => decoded.stringTable.strings[Number(place)];
  const seen = decoded.sample.map(({ locationId, value, label }) => {
    const [leaf] = locationId;
    const { line = [] } = decoded.location.find(({ id }) => id === leaf) ?? {};
    const code = decoded.function.find(({ id }) => id === line[0]?.functionId);
    const route = label.find(({ key }) => text(key) === 'route');
    return `${text(code?.name ?? 0)} ${route === undefined ? '-' : text(route.str)} ${value.map(Number).join(' ')}`;
  });
  assert.deepEqual(seen.sort(), [
    'f - 6 600000000',
    'f GET /a/:id 2 200000000',
    'f POST /b 1 100000000',
    'g - 2 200000000',
    'g POST /b 1 100000000',
  ]);
});
