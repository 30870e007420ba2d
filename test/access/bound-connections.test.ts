// Which connection leaves when there are too many, without a network.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { test } from 'node:test';
import { boundConnections } from '../../src/access/bound-connections.js';
import { SERVER_LIMITS } from '../../src/access/limits.js';

class FakeSocket extends EventEmitter {
  isDestroyed = false;
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort = 50_000;
  constructor(readonly localAddress: string) {
    super();
  }
  destroy(): void {
    this.isDestroyed = true;
    this.emit('close');
  }
}

test('connections from one port to several addresses of the server are several', () => {
  const server = new EventEmitter();
  boundConnections(server as Server, { ...SERVER_LIMITS, maxConnections: 2 });
  const sockets = ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((address) => new FakeSocket(address));
  for (const socket of sockets) server.emit('connection', socket);
  assert.deepEqual(
    sockets.map(({ isDestroyed }) => isDestroyed),
    [true, false, false],
  );
});
