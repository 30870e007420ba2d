// The built load generator, in a process of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventually } from '../support/eventually.js';
import { forkDemo } from './children.js';

/** A service that counts requests; it answers them unless told not to. */
async function serve(
  context: TestContext,
  { answers = true } = {},
): Promise<{ url: string; paths: string[]; server: Server }> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`);
    server.emit('counted');
    if (answers) response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths, server };
}

test('it sends a mix of requests, ends after --duration with exit code 0, and prints figures when asked', async (context) => {
  const { url, paths } = await serve(context);
  const child = forkDemo('load.js', [`--url=${url}`, '--rate=200', '--duration=3', '--report']);
  context.after(() => child.process.kill('SIGKILL'));
  assert.equal(await child.ended, 0);
  const figures = JSON.parse(child.output());
  assert.equal(figures.failed, 0);
  assert.ok(figures.answered > 50 && figures.answered <= figures.sent, child.output());
  for (const kind of [/^GET \/$/, /^GET \/reports\/\d+$/, /^POST \/restarts\?host=web-\d+$/]) {
    assert.ok(
      paths.some((path) => kind.test(path)),
      `${kind}`,
    );
  }
});

test('no more than --max-in-flight requests are under way, and it is silent unless asked', async (context) => {
  const { url, paths } = await serve(context, { answers: false });
  const child = forkDemo('load.js', [`--url=${url}`, '--rate=200', '--duration=2', '--max-in-flight=3']);
  context.after(() => child.process.kill('SIGKILL'));
  assert.equal(await child.ended, 0);
  // What it sent last may be on its way still.
  await eventually(
    () => paths.length,
    (length) => length >= 3,
  );
  assert.equal(paths.length, 3);
  assert.equal(child.output(), '');
});

test('it ends when the process that started it has gone', async (context) => {
  const { url, server } = await serve(context);
  const child = forkDemo('load.js', [`--url=${url}`]);
  context.after(() => child.process.kill('SIGKILL'));
  await once(server, 'counted');
  child.process.disconnect();
  assert.equal(await child.ended, 0);
});

test('any host but this one is refused with a sentence and exit code 2', async (context) => {
  const child = forkDemo('load.js', ['--url=http://192.0.2.1:8080']);
  context.after(() => child.process.kill('SIGKILL'));
  assert.equal(await child.ended, 2);
  const expected = 'load: Expected --url to be an http URL on this machine (127.0.0.1, [::1] or localhost)';
  assert.equal(child.output(), `${expected}, got "http://192.0.2.1:8080".\n`);
});
