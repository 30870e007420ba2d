// Who may open the socket of a process, and what becomes of clients that do not keep to the protocol.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { askSocket } from '../../src/cli/ask-socket.js';
import { RELAY_LIMITS } from '../../src/relay/relays.js';
import { eventually } from '../support/eventually.js';
import { clientFrame, openRaw, type Relayed, startRelayed } from './relayed.js';

const TEXT = 0x81;
const isRoot = process.getuid?.() === 0;

describe('the socket', { skip: process.platform === 'win32' && 'no such sockets' }, () => {
  let program: Relayed;
  before(async () => {
    program = await startRelayed();
  });
  after(() => program[Symbol.asyncDispose]());

  const UPGRADES: Readonly<Record<string, readonly [at: string, headers: Record<string, string>, status: number]>> = {
    'a client': ['/inspect', {}, 101],
    'another path': ['/dump', {}, 404],
    'a path that only begins like it': ['/inspect/x', {}, 404],
    'a web page': ['/inspect', { Origin: 'http://localhost' }, 403],
    'another version': ['/inspect', { 'Sec-WebSocket-Version': '8' }, 426],
    'no key': ['/inspect', { 'Sec-WebSocket-Key': '' }, 400],
    'a key of another length': ['/inspect', { 'Sec-WebSocket-Key': 'aaaa' }, 400],
    'another protocol': ['/inspect', { Upgrade: 'h2c' }, 400],
    'another protocol at another path': ['/dump', { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings' }, 400],
  };
  for (const [title, [at, headers, status]] of Object.entries(UPGRADES)) {
    test(`answers ${title} with ${status}`, async () => {
      const raw = await openRaw(program.socket, { at, headers });
      assert.match(raw.status, new RegExp(`^HTTP/1\\.1 ${status} `));
      raw.socket.destroy();
    });
  }

  const HOSTILE: Readonly<Record<string, readonly [bytes: Buffer, code: number]>> = {
    'a frame without a mask': [clientFrame(TEXT, '{}', false), 1002],
    'a binary message': [clientFrame(0x82, 'x'), 1003],
    'a message that is too big': [clientFrame(TEXT, 'x'.repeat(RELAY_LIMITS.maxMessageBytes + 1)), 1009],
    'text that is no UTF-8': [clientFrame(TEXT, Buffer.from([0xff])), 1007],
    'no JSON': [clientFrame(TEXT, '{"id":'), 1008],
    'a farewell': [clientFrame(0x88, Buffer.from([3, 232])), 1000],
  };
  for (const [title, [bytes, code]] of Object.entries(HOSTILE)) {
    test(`closes with ${code} after ${title}`, async () => {
      const raw = await openRaw(program.socket);
      raw.socket.write(bytes);
      assert.equal(await raw.closed(), code);
    });
  }

  test('lets nobody pile up requests for a worker that does not answer', async () => {
    const blocked = program.tell('worker', -20_000);
    blocked.catch(() => {});
    const raw = await openRaw(program.socket);
    const post = (id: number, method: string, params: object) =>
      raw.socket.write(clientFrame(TEXT, JSON.stringify({ id, method, params })));
    const messages = () => raw.frames().map(({ payload }) => payload.toString());
    post(1, 'NodeWorker.enable', { waitForDebuggerOnStart: false });
    const [, sessionId] = await eventually(
      () => /"method":"NodeWorker.attachedToWorker".*?"sessionId":"(\w+)"/.exec(messages().join('\n')) ?? [],
      (match) => match.length > 0,
    );
    const ask = (id: number) =>
      post(id, 'NodeWorker.sendMessageToWorker', {
        sessionId,
        message: JSON.stringify({ id, method: 'Profiler.enable', params: {} }),
      });
    // Some at a time, so that the main thread has answered that it passed them on. Those that come before the worker is in its
    // call are answered.
    for (let id = 2; id < 10_000 && !raw.socket.destroyed; id += 100) {
      for (let at = id; at < id + 100; at++) ask(at);
      const last = `{"id":${id + 99},`;
      await eventually(messages, (all) => raw.socket.destroyed || all.some((text) => text.startsWith(last)));
    }
    assert.equal(await raw.closed(), 1008);
    assert.match(messages().at(-1) ?? '', /too many requests/);
  });

  test('answers pings, and clients up to a number', async () => {
    const clients = await Promise.all(Array.from({ length: RELAY_LIMITS.maxClients }, () => openRaw(program.socket)));
    assert.ok(clients.every(({ status }) => status.includes('101')));
    const tooMany = await openRaw(program.socket);
    assert.match(tooMany.status, / 503 /);
    const [first] = clients;
    assert.ok(first);
    const pong = new Promise((resolve) => first.socket.once('data', resolve));
    first.socket.write(clientFrame(0x89, 'hello'));
    await pong;
    assert.deepEqual(first.frames(), [{ opcode: 10, payload: Buffer.from('hello') }]);
    for (const { socket } of [...clients, tooMany]) socket.destroy();
  });

  test('says which Node it is', async () => {
    assert.equal(JSON.parse(await askSocket(program.socket, '/json/version')).Browser, `node.js/${process.version}`);
  });

  test('refuses other users', { skip: !isRoot && 'only root can be somebody else' }, () => {
    const folder = dirname(program.socket);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(program.socket).mode & 0o777, 0o600);
    const connect = `require('node:net').connect(${JSON.stringify(program.socket)})
      .on('connect', () => process.exit(0)).on('error', ({ code }) => { console.log(code); process.exit(9); });`;
    const asNobody = () =>
      spawnSync(process.execPath, ['-e', connect], { uid: 65_534, gid: 65_534, cwd: '/', encoding: 'utf8' });
    // Its parents are open: it is the folder that keeps others out, and without that the socket itself does.
    chmodSync(dirname(folder), 0o755);
    assert.equal(asNobody().stdout.trim(), 'EACCES');
    chmodSync(folder, 0o755);
    assert.equal(asNobody().stdout.trim(), 'EACCES');
    // The check can fail.
    chmodSync(program.socket, 0o666);
    assert.equal(asNobody().status, 0);
  });
});

test('there is no inspector where stacks may not be captured', async () => {
  await using program = await startRelayed(process.execPath, { LOOPSIGHT_BLAME: 'off' }, false);
  const raw = await openRaw(program.socket);
  assert.match(raw.status, / 501 /);
  raw.socket.destroy();
});
