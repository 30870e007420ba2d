// The CPU time of routes against what a server measured itself, under load.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newerNode, runNode } from '../support/run-node.js';

/**
 * A machine that takes the processor away within a window gives that time to the request that had it, and not to another: the shares
 * have to be right in one of so many runs.
 */
const RUNS = 3;
const WITHIN = 0.07;

interface Served {
  /** In milliseconds. */
  readonly truth: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** CPU time of the main thread, in seconds. */
  readonly cpuS: number;
  readonly lines: readonly string[];
  readonly hasSecrets: boolean;
  readonly failures: readonly string[];
}

/** Frameworks differ in how a route is known, and versions of Node in how promises are hooked: each of them once. */
const SERVERS: readonly (readonly [framework: string, node: string, command: string | undefined])[] = [
  ['express', 'the Node of the test', process.execPath],
  ['fastify', 'a newer one', newerNode()],
];

const sumOf = (values: Readonly<Record<string, number>>): number => Object.values(values).reduce((a, b) => a + b, 0);

const sharesOf = (values: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value / sumOf(values)]));

/** Seconds by route, and by function of the route. */
function readLines(lines: readonly string[]): Record<string, Record<string, number>> {
  const told: Record<string, Record<string, number>> = {};
  for (const line of lines) {
    const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(line)?.[1] ?? '';
    const route = label('http_route');
    if (!line.startsWith('loopsight_route_') || route === '') continue;
    told[route] ??= {};
    const times = told[route];
    times[label('code_function_name')] = Number(line.split(' ').at(-1));
  }
  return told;
}

function complaints(what: string, told: Readonly<Record<string, number>>, truth: Readonly<Record<string, number>>) {
  const [is, was] = [sharesOf(told), sharesOf(truth)];
  return Object.keys(truth)
    .filter((key) => !(Math.abs((is[key] ?? 0) - (was[key] ?? 0)) <= WITHIN))
    .map((key) => `${what}: ${key} is ${is[key]} where it was ${was[key]}`);
}

/** What is wrong with the figures of one run. */
function judge({ truth, cpuS, lines }: Served): string[] {
  const told = readLines(lines);
  const byRoute = (
    times: Readonly<Record<string, Readonly<Record<string, number>>>>,
    name: (route: string) => string,
  ) => Object.fromEntries(Object.keys(truth).map((route) => [route, sumOf(times[name(route)] ?? {})]));
  const all = sumOf(Object.fromEntries(Object.entries(told).map(([route, times]) => [route, sumOf(times)])));
  const { heavy = {} } = truth;
  const inHeavy = Object.fromEntries(Object.keys(heavy).map((name) => [name, told['/heavy/:id']?.[name] ?? 0]));
  return [
    ...complaints(
      'routes',
      byRoute(told, (route) => `/${route}/:id`),
      byRoute(truth, (route) => route),
    ),
    ...complaints('functions', inHeavy, heavy),
    // The last window stands for the time up to it.
    ...(all > 0.6 * cpuS && all <= cpuS ? [] : [`${all} s were told of, of ${cpuS} s`]),
  ];
}

describe('loopsight.route.cpu.time', { skip: process.platform !== 'linux' }, () => {
  for (const [framework, node, command] of SERVERS) {
    test(`${framework}, ${node}: shares of routes, and of functions within one`, async (t) => {
      if (command === undefined) return t.skip('LOOPSIGHT_TEST_NODE24 names none');
      let wrong: string[] = [];
      for (let run = 0; run < RUNS; run++) {
        const { code, stdout, stderr } = await runNode(['test/profiling/programs/routes.mjs', framework], {
          command,
          timeoutMs: 90_000,
        });
        assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
        const served = JSON.parse(stdout) as Served;
        assert.equal(served.hasSecrets, false);
        assert.deepEqual(served.failures, framework === 'express' ? ['out of a timer'] : []);
        wrong = judge(served);
        if (wrong.length === 0) return;
      }
      assert.deepEqual(wrong, []);
    });
  }
});
