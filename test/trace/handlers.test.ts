// Route handlers in the real frameworks: by method and route, whatever clients send.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { traceHandlers } from '../../instrumentations/handlers/index.js';
import { root } from '../support/run-node.js';
import { counts, runTraced, type TracedRun } from './run-traced.js';

const programs = join(root, 'test/libraries/programs/handlers');
const explicit = join(root, 'test/trace/programs/trace-handlers.mjs');

/** What the servers answer, whoever looks on. */
const ANSWERS = [
  'GET /users/4711 200 4711',
  'HEAD /users/4712 200',
  'GET /teams/red/late 200 late',
  'POST /teams/red/fail 500',
  'PUT /teams/blue/any 200 any',
  'GET /nothing/4713 404',
];

const COMMON = { 'GET /teams/:team/late': 1, 'POST /teams/:team/fail RangeError': 1 };

// A request for HEAD is answered by the handler for GET; Fastify makes a route of its own of it.
const CALLS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  express: { ...COMMON, 'GET /users/:id': 2, 'ALL /teams/:team/any': 1 },
  fastify: { ...COMMON, 'GET /users/:id': 1, 'HEAD /users/:id': 1, 'GET|PUT /teams/:team/any': 1 },
  hono: { ...COMMON, 'GET /users/:id': 2, 'ALL /teams/:team/any': 1 },
  koa: { ...COMMON, 'GET /users/:id': 2, 'ALL /teams/:team/any': 1 },
};

function check(result: TracedRun, framework: string): void {
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(result.causes, []);
  assert.deepEqual(counts(result), CALLS[framework]);
  // Both the handler with a promise and the one that answers later, without one, take as long as they take.
  assert.ok((result.calls['GET /users/:id']?.ms ?? 0) >= 19);
  assert.ok((result.calls['GET /teams/:team/late']?.ms ?? 0) >= 19);
}

for (const framework of Object.keys(CALLS)) {
  test(`handlers of ${framework}, by the name of the framework`, async () => {
    const result = await runTraced([`${framework}#handlers`], [join(programs, `${framework}.mjs`)]);
    check(result, framework);
    assert.deepEqual(result.lines, ANSWERS);
    assert.equal(result.stderr, '');
  });

  test(`handlers of ${framework} that was loaded as CommonJS`, async () => {
    const result = await runTraced([`${framework}#handlers`], [join(programs, `${framework}.cjs`)]);
    assert.deepEqual(result.lines, ['4711'], result.stderr);
    assert.deepEqual(counts(result), { 'GET /users/:id': 1 });
  });

  test(`handlers of one application of ${framework}, until they are no longer to be traced`, async () => {
    const result = await runTraced([], ['--import', explicit, join(programs, `${framework}.mjs`)]);
    check(result, framework);
    assert.deepEqual(result.lines, [...ANSWERS, ...ANSWERS]);
  });
}

for (const framework of Object.keys(CALLS)) {
  test(`handlers of ${framework} that are traced twice are told of once`, async () => {
    const program = join(programs, `${framework}.mjs`);
    const result = await runTraced([`${framework}#handlers`], ['--import', explicit, program]);
    // The program asks everything again after it has ended one of the two.
    for (const [name, count] of Object.entries(counts(result))) {
      assert.ok(count <= 2 * (CALLS[framework]?.[name] ?? 0), `${name}: ${count}`);
    }
    assert.deepEqual(result.lines, [...ANSWERS, ...ANSWERS]);
  });
}

test('handlers and exports of other CommonJS modules at once', async () => {
  const result = await runTraced(['express#handlers', 'etag'], [join(programs, 'express.cjs')]);
  assert.deepEqual(counts(result), { 'GET /users/:id': 1, etag: 1 });
});

test('handlers are not traced unless that is asked for', async () => {
  const result = await runTraced(['fastify#handlers'], [join(programs, 'express.mjs')]);
  assert.deepEqual(counts(result), {});
  assert.deepEqual(result.lines, ANSWERS);
});

test('what is no application is refused', () => {
  for (const value of [{}, () => {}, 1, null]) {
    assert.throws(() => traceHandlers(value as object), {
      name: 'TypeError',
      message: /app.*Express, Fastify, Hono or Koa/,
    });
  }
});
