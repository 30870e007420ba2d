// Whose request held the loop, and who waited, in an application without an SDK.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StallReport } from '../../src/stalls/blame/stall-report.js';
import { root, runNode } from '../support/run-node.js';

/** Where the machine gave the program no processor, or the observer none, there is nobody to be named: run again. */
const TRIES = 6;
const OF_MACHINE: ReadonlySet<string> = new Set(['descheduled', 'unknown']);

async function run<T extends Readonly<Record<string, StallReport>>>(server: string): Promise<T> {
  let told = await runOnce<T>(server);
  for (let tries = 1; tries < TRIES && Object.values(told).some(({ cause }) => OF_MACHINE.has(cause)); tries++) {
    told = await runOnce<T>(server);
  }
  return told;
}

async function runOnce<T>(server: string): Promise<T> {
  const { code, stdout, stderr } = await runNode([join(root, 'test/fixtures/stall-routes.mjs')], {
    env: { SERVER: server },
  });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  for (const secret of ['4711', 'secret', 'token', root]) assert.ok(!stdout.includes(secret), secret);
  const { told, failures } = JSON.parse(stdout) as { told: T; failures: string[] };
  assert.deepEqual(failures, []);
  return told;
}

// A body comes after its request; what Express runs after an await belongs to nobody without a context.
const ROUTES = [
  ['plain', 'POST', 'GET'],
  ['express', 'POST /orders/:id', undefined],
  ['fastify', 'POST /orders/:id', undefined],
] as const;

for (const [server, post, get] of ROUTES) {
  test(`the route of ${server}`, async () => {
    const told = await run<{ post: StallReport; get?: StallReport }>(server);
    assert.equal(told.post.route, post);
    assert.equal(told.get?.route, get);
    assert.equal(told.get?.waiting, undefined, 'its own request did not wait for it');
    assert.equal(told.post.span, undefined);
  });
}

test('those that were in flight waited for all of it, those that arrived for half, the culprit for nothing', async () => {
  const { report } = await run<{ report: StallReport }>('victims');
  const { durationMs, waiting } = report;
  assert.equal(report.route, 'GET');
  assert.equal(waiting?.requests, 3 + 5);
  // In flight for all of it, and half of it.
  const expectedMs = durationMs * (3 + 5 / 2);
  assert.ok(
    Math.abs(waiting.waitedMs - expectedMs) < durationMs * 0.5,
    `${waiting.waitedMs} is not near ${expectedMs}`,
  );
});
