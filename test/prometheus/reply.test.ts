// How an answer is written: compressed or not, in chunks, to clients that read slowly, leave, or ask for its headers only.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { type MetricsServer, type ServerOptions, startServer } from '../../src/prometheus/server.js';
import { eventually } from '../support/eventually.js';

const CHUNK = `${'x{a="é"} 1\n'.repeat(6000)}`;

async function start(t: TestContext, options: Partial<ServerOptions>): Promise<MetricsServer> {
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    collect: async () => '',
    onError: (error) => assert.fail(String(error)),
    gzip: true,
    ...options,
  });
  t.after(() => server.close());
  return server;
}

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function ask({ host, port }: MetricsServer, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path: '/metrics', agent: false, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Endless chunks that tell how many were taken and whether somebody said that no more are wanted. */
function counted(limit = Number.POSITIVE_INFINITY) {
  const seen = { taken: 0, isOver: false };
  function* chunks(): Generator<string> {
    try {
      while (seen.taken < limit) {
        seen.taken++;
        yield CHUNK;
      }
    } finally {
      seen.isOver = true;
    }
  }
  return { seen, chunks };
}

const SIZES = [
  ['nothing', []],
  ['one line', ['up 1\n']],
  ['one chunk', [CHUNK]],
  ['many chunks', Array.from({ length: 20 }, () => CHUNK)],
] as const;

for (const [what, chunks] of SIZES) {
  test(`${what}: the same text, compressed for who asks for it`, async (t) => {
    const server = await start(t, { collect: async () => chunks });
    const plain = await ask(server);
    assert.equal(plain.body.toString(), chunks.join(''));
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(plain.headers.vary, 'Accept, Accept-Encoding');
    assert.equal(plain.headers['content-length'], chunks.length > 1 ? undefined : `${plain.body.length}`);
    const zipped = await ask(server, { 'Accept-Encoding': 'gzip' });
    const isZipped = chunks[0] === CHUNK;
    assert.equal(zipped.headers['content-encoding'], isZipped ? 'gzip' : undefined);
    assert.equal(zipped.headers.vary, 'Accept, Accept-Encoding');
    assert.equal((isZipped ? gunzipSync(zipped.body) : zipped.body).toString(), chunks.join(''));
    if (isZipped) assert.ok(zipped.body.length < plain.body.length / 10);
  });

  test(`${what}: HEAD has the headers of GET, and no body`, async (t) => {
    const server = await start(t, { collect: async () => chunks });
    for (const headers of [{}, { 'Accept-Encoding': 'gzip' }, { Accept: 'application/openmetrics-text' }]) {
      const [head, get] = [await ask(server, headers, 'HEAD'), await ask(server, headers)];
      assert.equal(head.body.length, 0);
      // How a body is framed is said where there is one.
      const relevant = ({ date: _, 'transfer-encoding': __, ...others }: IncomingHttpHeaders) => others;
      assert.deepEqual(relevant(head.headers), relevant(get.headers));
    }
  });
}

test('nothing is compressed where it would take time of the thread that is watched', async (t) => {
  const server = await start(t, { collect: async () => [CHUNK, CHUNK], gzip: false });
  assert.equal((await ask(server, { 'Accept-Encoding': 'gzip' })).headers['content-encoding'], undefined);
});

test('the format that is asked for is collected and said', async (t) => {
  const server = await start(t, { collect: async (format) => [JSON.stringify(format)] });
  const { headers, body } = await ask(server, { Accept: 'application/openmetrics-text;version=1.0.0;escaping=dots' });
  assert.equal(headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=dots');
  assert.deepEqual(JSON.parse(body.toString()), { kind: 'openmetrics', version: '1.0.0', escaping: 'dots' });
});

test('HEAD takes no more than it needs', async (t) => {
  const { seen, chunks } = counted();
  await ask(await start(t, { collect: async () => chunks() }), {}, 'HEAD');
  assert.ok(seen.taken <= 2 && seen.isOver);
});

for (const headers of ['', 'Accept-Encoding: gzip\r\n']) {
  test(`a client that does not read is not read for, and its leaving ends the work (${headers.trim() || 'plain'})`, async (t) => {
    const { seen, chunks } = counted();
    const server = await start(t, { collect: async () => chunks() });
    const socket = connect(server.port, server.host);
    socket.pause();
    socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
    if (headers === '') {
      // What the kernel keeps for a client is some megabytes.
      let before = -1;
      await eventually(
        () => seen.taken,
        (taken) => {
          const isStill = taken === before && taken > 1;
          before = taken;
          return isStill;
        },
      );
      assert.ok(seen.taken < 400, `${seen.taken} chunks were taken`);
    } else
      await eventually(
        () => seen.taken,
        (taken) => taken > 1,
      );
    assert.equal(seen.isOver, false);
    socket.destroy();
    await eventually(() => seen.isOver, Boolean);
  });
}

test('a client that leaves while the metrics are collected costs nothing', async (t) => {
  const { seen, chunks } = counted();
  let proceed: () => void = () => {};
  let asked: () => void = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const server = await start(t, {
    collect: async () => {
      asked();
      await new Promise<void>((resolve) => {
        proceed = resolve;
      });
      return chunks();
    },
  });
  const socket = connect(server.port, server.host);
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  await isAsked;
  socket.destroy();
  await once(socket, 'close');
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  proceed();
  await eventually(() => seen.isOver, Boolean);
  assert.ok(seen.taken < 5);
});

/** So many answers are made at once, and no more. */
const PLACES = 8;

test('an answer that waits for the one before it ends with their connection, and frees its place', async (t) => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  t.after(() => process.off('warning', listen));
  const all: { isOver: boolean }[] = [];
  const server = await start(t, {
    collect: async () => {
      const { seen, chunks } = counted();
      all.push(seen);
      return chunks();
    },
  });
  for (const round of [1, 2]) {
    const sockets = [1, 2].map(() => {
      const socket = connect(server.port, server.host);
      socket.pause();
      socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(PLACES / 2));
      return socket;
    });
    await eventually(
      () => all.length,
      (length) => length === round * PLACES,
    );
    for (const socket of sockets) socket.destroy();
    await eventually(() => all.every(({ isOver }) => isOver), Boolean);
  }
  assert.deepEqual(warnings, []);
});

test('half of an exposition does not look like a whole one, and its failure is told', async (t) => {
  const told: unknown[] = [];
  function* failing(): Generator<string> {
    yield* [CHUNK, CHUNK, CHUNK];
    throw new Error('in the middle');
  }
  const server = await start(t, { collect: async () => failing(), onError: (error) => told.push(error) });
  for (const headers of [{}, { 'Accept-Encoding': 'gzip' }]) {
    await assert.rejects(ask(server, headers), /aborted|socket hang up|ECONNRESET/);
  }
  assert.deepEqual(told.map(String), ['Error: in the middle', 'Error: in the middle']);
});

test('a failure before the first line is a 500', async (t) => {
  const told: unknown[] = [];
  const server = await start(t, {
    collect: async () => ({
      [Symbol.iterator]: () => ({
        next: () => {
          throw new Error('at once');
        },
      }),
    }),
    onError: (error) => told.push(error),
  });
  const { body } = await ask(server);
  assert.equal(body.toString(), 'The answer could not be made.\n');
  assert.equal(told.length, 1);
});

test('everything else has its turn while a long answer is written', async (t) => {
  const { seen, chunks } = counted(100);
  const server = await start(t, { collect: async () => chunks() });
  let longest = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const before = seen.taken;
      await nextTurn();
      longest = Math.max(longest, seen.taken - before);
    }
  })();
  const { body } = await ask(server);
  isOver = true;
  await watching;
  assert.equal(body.length, 100 * Buffer.byteLength(CHUNK));
  assert.ok(longest <= 3, `${longest} chunks in one turn`);
});

test('a client of HTTP/1.0 gets the whole text and the end of the connection', async (t) => {
  const { chunks } = counted(5);
  const server = await start(t, { collect: async () => chunks() });
  const socket = connect(server.port, server.host);
  socket.write('GET /metrics HTTP/1.0\r\n\r\n');
  let text = '';
  for await (const data of socket) text += (data as Buffer).toString();
  assert.doesNotMatch(text, /chunked/i);
  assert.equal(text.slice(text.indexOf('\r\n\r\n') + 4).match(/^x/gm)?.length, 5 * 6000);
});
