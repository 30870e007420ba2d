// A member's side of its slot: who serves hears of its figures, who merely looks whether the slot is taken costs it nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createFrameReader, encodeFrame } from '../../src/group/frames.js';
import { createMember } from '../../src/group/member.js';
import { slotPath, takeSlot } from '../../src/group/slots.js';
import type { Endpoint } from '../../src/observer/messages.js';

const folder = mkdtempSync(join(tmpdir(), 'ls-member-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const ENDPOINT = { host: '127.0.0.1', port: 1, url: 'http://127.0.0.1:1/metrics' };

/** Connects to the slot; what is heard there is told by its type. */
function listen(name: string) {
  const heard: string[] = [];
  const waiting = new Map<string, () => void>();
  const socket: Socket = connect(slotPath(folder, name));
  const read = createFrameReader(({ message }) => {
    const { type } = message as { readonly type: string };
    heard.push(type);
    waiting.get(type)?.();
  });
  socket.on('data', read);
  return {
    heard,
    socket,
    until: (type: string) =>
      heard.includes(type) ? undefined : new Promise<void>((resolve) => waiting.set(type, resolve)),
  };
}

test('tells its figures to who says that it serves, and to nobody else', async () => {
  let refreshes = 0;
  const served: (Endpoint | undefined)[] = [];
  let isOver: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    isOver = resolve;
  });
  const member = createMember({
    refresh: async () => {
      refreshes++;
    },
    figures: () => ({ tables: [], constantLabels: {}, resource: {} }),
    onServed: (endpoint) => {
      served.push(endpoint);
      if (endpoint === undefined) isOver();
    },
    report: (_cause, error) => assert.fail(String(error)),
  });
  const slot = await takeSlot(folder, '1', (socket) => member.accept(socket));
  try {
    const passer = listen('1');
    await passer.until('hello');
    const server = listen('1');
    server.socket.write(encodeFrame({ type: 'serving', endpoint: ENDPOINT }));
    await server.until('figures');
    assert.deepEqual([passer.heard, server.heard], [['hello'], ['hello', 'figures']]);
    assert.equal(refreshes, 1);
    server.socket.destroy();
    await end;
    assert.deepEqual(served, [ENDPOINT, undefined]);
    passer.socket.destroy();
  } finally {
    member.stop();
    slot?.release();
  }
});
