// A stand-in for MongoDB, of which Debian has no package: it shakes hands, and answers `ping` after a while. No data.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fromLibraries } from '../from-libraries.js';
import type { DatabaseServer } from './server.js';

interface Bson {
  serialize(document: object): Uint8Array;
  deserialize(bytes: Uint8Array): Record<string, unknown>;
}

const HEADER_BYTES = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

const GREETING = {
  ismaster: true,
  isWritablePrimary: true,
  helloOk: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
  readOnly: false,
  ok: 1,
};

/** Starts the stand-in; `ping` takes `pingMs`. */
export async function startMongoStandIn({ pingMs }: { readonly pingMs: number }): Promise<DatabaseServer> {
  const bson = fromLibraries('bson') as Bson;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
        const length = received.readInt32LE(0);
        const message = received.subarray(0, length);
        received = received.subarray(length);
        void answer(bson, socket, message, pingMs);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    host: '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(bson: Bson, socket: Socket, message: Buffer, pingMs: number): Promise<void> {
  const requestId = message.readInt32LE(4);
  const opcode = message.readInt32LE(12);
  const command = bson.deserialize(opcode === OP_MSG ? message.subarray(HEADER_BYTES + 5) : queryDocument(message));
  if ('ping' in command) await delay(pingMs);
  const isGreeting = 'hello' in command || 'ismaster' in command || 'isMaster' in command;
  const document = Buffer.from(bson.serialize(isGreeting ? { ...GREETING, localTime: new Date() } : { ok: 1 }));
  const head = opcode === OP_QUERY ? replyHead() : Buffer.alloc(5);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + head.length + document.length, 0);
  header.writeInt32LE(requestId, 8);
  header.writeInt32LE(opcode === OP_QUERY ? OP_REPLY : OP_MSG, 12);
  socket.write(Buffer.concat([header, head, document]));
}

// Flags, name of the collection, how many to skip and to return, and then the command.
function queryDocument(message: Buffer): Buffer {
  const nameEnd = message.indexOf(0, HEADER_BYTES + 4);
  return message.subarray(nameEnd + 1 + 8);
}

// Flags, cursor, first document, number of documents.
function replyHead(): Buffer {
  const head = Buffer.alloc(20);
  head.writeInt32LE(1, 16);
  return head;
}
