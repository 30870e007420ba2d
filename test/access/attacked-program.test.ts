// A whole program under attack: the observer answers its scraper, the application its clients, and nothing is left behind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { startInstrumented } from '../support/instrumented.js';

const ATTACKS: Readonly<Record<string, string>> = {
  silence: '',
  'half a request': 'GET /metrics HTTP/1.1\r\nHost: x\r\n',
  'many requests': 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(500),
  'many headers': `GET / HTTP/1.1\r\n${'X-A: b\r\n'.repeat(3_000)}\r\n`,
  garbage: '\0\x01\x02\x03'.repeat(1_000),
  guesses: 'GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer guess\r\n\r\n',
};

test('attacks of every kind, while the application is blocked as well', { timeout: 60_000 }, async (t) => {
  await using program = await startInstrumented<{ app: string; metrics: string }>('http-server.mjs', {
    LOOPSIGHT_TOKEN: 'the token',
    LOOPSIGHT_LOG: 'off',
  });
  const { app, metrics } = program.said;
  const port = Number(new URL(metrics).port);
  const scrape = async () => {
    const startMs = performance.now();
    const response = await fetch(metrics, { headers: { authorization: 'Bearer the token' } });
    const text = await response.text();
    assert.equal(response.status, 200);
    return { text, tookMs: performance.now() - startMs };
  };
  const openFiles = async () =>
    Number(/^process_open_file_descriptor_count\S* (\d+)/m.exec((await scrape()).text)?.[1]);

  await scrape();
  const before = await openFiles();
  const sockets = new Set<Socket>();
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  let isOver = false;
  const attack = async (bytes: string) => {
    while (!isOver) {
      const socket = connect(port, '127.0.0.1');
      sockets.add(socket);
      socket.on('error', () => {});
      socket.resume();
      socket.write(bytes);
      socket.once('close', () => sockets.delete(socket));
      await Promise.race([once(socket, 'connect').catch(() => {}), delay(1_000)]);
      await delay(2);
    }
  };
  const attackers = Object.values(ATTACKS).flatMap((bytes) => [attack(bytes), attack(bytes)]);
  try {
    assert.equal((await fetch(app)).status, 200);
    await (await fetch(`${app}/block?ms=1500`)).text();
    for (let i = 0; i < 8; i++) {
      const { tookMs } = await scrape();
      assert.ok(tookMs < 2_000, `a scrape took ${tookMs} ms`);
      await delay(250);
    }
    assert.equal((await fetch(app)).status, 200);
  } finally {
    isOver = true;
  }
  await Promise.all(attackers);
  for (const socket of sockets) socket.destroy();

  const { text, tookMs } = await scrape();
  assert.ok(tookMs < 1_000, `a scrape after the attack took ${tookMs} ms`);
  assert.doesNotMatch(text, /^loopsight_self_observer_restarts_total\S* [1-9]/m);
  await eventually(openFiles, (count) => count <= before + 8);
  assert.equal(program.child.exitCode, null);
  assert.equal(program.stderr(), '');
});
