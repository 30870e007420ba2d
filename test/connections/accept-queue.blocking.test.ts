// Connections that wait while a real server's loop is held, as the observer shows them meanwhile.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../support/eventually.js';
import { startInstrumented } from '../support/instrumented.js';

const CLIENTS = 7;
const linux = { skip: process.platform !== 'linux' };

interface Said {
  readonly port: number;
  readonly metrics: string;
}

async function depths(metrics: string): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(metrics)).text();
  return Object.fromEntries(
    [...text.matchAll(/^loopsight_accept_queue_depth\{.*server_port="(\w+)".*\} (\d+)$/gm)].map(([, port, depth]) => [
      port,
      Number(depth),
    ]),
  );
}

test('a scrape shows the connections that wait while the loop is held', linux, async (t) => {
  const program = await startInstrumented<Said>('../connections/fixtures/held-server.mjs');
  t.after(() => program[Symbol.asyncDispose]());
  const { port, metrics } = program.said;
  // Its own port alone: that of the metrics is ours.
  await eventually(
    () => depths(metrics),
    (read) => read[port] === 0 && Object.keys(read).length === 1,
  );
  await fetch(`http://127.0.0.1:${port}/hold`, { headers: { connection: 'close' } });
  const clients = Array.from({ length: CLIENTS }, () => connect(port, '127.0.0.1'));
  t.after(() => {
    for (const client of clients) client.destroy();
  });
  // The kernel takes them although nobody does.
  await Promise.all(clients.map((client) => once(client, 'connect')));
  await eventually(
    () => depths(metrics),
    (read) => read[port] === CLIENTS,
    6000,
  );
  await eventually(
    () => depths(metrics),
    (read) => read[port] === 0,
  );
});

test('switched off, it shows none', linux, async (t) => {
  const program = await startInstrumented<Said>('../connections/fixtures/held-server.mjs', {
    LOOPSIGHT_CONNECTIONS: 'off',
  });
  t.after(() => program[Symbol.asyncDispose]());
  assert.deepEqual(await depths(program.said.metrics), {});
});

test('without the observer it is told by the main thread', linux, async (t) => {
  const program = await startInstrumented<Said>('../connections/fixtures/held-server.mjs', {
    LOOPSIGHT_OBSERVER: 'off',
  });
  t.after(() => program[Symbol.asyncDispose]());
  assert.deepEqual(await depths(program.said.metrics), { [program.said.port]: 0 });
});
