// The route that records: one recording at a time, and none that nobody reads is kept for ever.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type PageRoutesOptions, pageRoutes } from '../../src/page/routes.js';
import { PAGE_PATHS } from '../../src/page/state.js';
import type { Stream } from '../../src/prometheus/routes.js';

class Response extends EventEmitter {
  destroyed = false;
  status: number | undefined;

  writeHead(status: number): void {
    this.status = status;
  }

  end(): void {}

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
}

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const recording = { pid: 1, nodeVersion: 'v20', unixMs: 1, intervalUs: 1, threads: [], notes: [] };
  const options = { record: async () => recording, root: '/', report: assert.fail } as unknown as PageRoutesOptions;
  const route = pageRoutes(options)[PAGE_PATHS.profile];
  assert.ok(route !== undefined);
  const request = { url: '/page/profile.json?seconds=1', method: 'GET', headers: {}, socket: { localAddress: '::1' } };
  return () => route(request as unknown as IncomingMessage);
}

async function answer({ stream }: Stream): Promise<Response> {
  const response = new Response();
  stream(response as unknown as ServerResponse, {});
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(response.status, 200);
  return response;
}

const statusOf = (reply: unknown) => (reply as { status?: number }).status;

test('a recording that nobody reads is in the way of others, and goes after a minute', async (t) => {
  const ask = setUp(t);
  const unread = await answer((await ask()) as Stream);
  assert.equal(statusOf(await ask()), 409);
  t.mock.timers.tick(59_000);
  assert.equal(unread.destroyed, false);
  t.mock.timers.tick(1_000);
  assert.equal(unread.destroyed, true);
  const read = await answer((await ask()) as Stream);
  read.emit('close');
  t.mock.timers.tick(60_000);
  assert.equal(read.destroyed, false);
});

test('who goes away before the recording begins leaves nothing behind', async (t) => {
  const ask = setUp(t);
  assert.equal(statusOf(await ask()), undefined);
  assert.equal(statusOf(await ask()), undefined);
});
