// A WebSocket to an inspector, over TCP or a Unix socket. Small and of its own: Node 20 has no client.
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { type CdpConnection, CdpError } from './connection.js';
import { createFrameReader, maskedFrame, OPCODE } from './frames.js';
import { createConnection } from './requests.js';

/** Where an inspector listens: an address of this machine, or the path of a Unix socket; and the path of the request. */
export type InspectorAddress = ({ readonly host: string; readonly port: number } | { readonly socketPath: string }) & {
  readonly path: string;
};

const CONNECT_MS = 10_000;
/** The profile of a large service has some tens of MiB. */
const LIMIT_BYTES = 512 * 1024 * 1024;
/** What RFC 6455 has the server prove its understanding with. */
const PROOF = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The server answered the handshake with a status: it is there, and does not speak this at that path. */
export class HandshakeError extends CdpError {
  constructor(readonly status: number) {
    super(`The inspector answered the handshake with status ${status}`);
  }
}

/** Connects to an inspector. Rejects with a CdpError, within 10 s or when `signal` says so. */
export async function connectWebSocket(address: InspectorAddress, signal?: AbortSignal): Promise<CdpConnection> {
  const { socket, head } = await shakeHands(address, signal);
  const { connection, receive, end } = createConnection({
    send: (message) => void socket.write(maskedFrame(OPCODE.text, Buffer.from(message))),
    // Without a farewell: a Node that closes its inspector at the same moment says its own, and crashes of both.
    close: () => socket.destroySoon(),
  });
  const read = createFrameReader(LIMIT_BYTES);
  let parts: Buffer[] = [];
  const onData = (chunk: Buffer) => {
    try {
      for (const { opcode, isFinal, payload } of read(chunk)) {
        if (opcode === OPCODE.ping) socket.write(maskedFrame(OPCODE.pong, payload));
        if (opcode === OPCODE.close) socket.destroySoon();
        if (opcode !== OPCODE.text && opcode !== OPCODE.continuation) continue;
        parts.push(payload);
        if (!isFinal) continue;
        const message = parts.length === 1 ? payload : Buffer.concat(parts);
        parts = [];
        receive(message.toString('utf8'));
      }
    } catch {
      socket.destroy();
    }
  };
  socket.on('data', onData);
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.destroy());
  socket.on('close', end);
  if (head.length > 0) onData(head);
  return connection;
}

function shakeHands(
  address: InspectorAddress,
  signal: AbortSignal | undefined,
): Promise<{ readonly socket: Socket; readonly head: Buffer }> {
  const key = randomBytes(16).toString('base64');
  const isLocal = 'socketPath' in address;
  return new Promise((resolve, reject) => {
    const sent = request({
      ...address,
      agent: false,
      timeout: CONNECT_MS,
      ...(signal === undefined ? {} : { signal }),
      headers: {
        // Inspectors answer to addresses and `localhost` alone.
        Host: isLocal
          ? 'localhost'
          : `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`,
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': key,
      },
    });
    sent.on('timeout', () => sent.destroy(new CdpError(`The inspector did not answer within ${CONNECT_MS / 1000} s`)));
    sent.on('error', (error) => reject(error instanceof CdpError ? error : new CdpError(error.message)));
    sent.on('response', (response) => {
      response.resume();
      reject(new HandshakeError(response.statusCode ?? 0));
      sent.destroy();
    });
    sent.on('upgrade', (response, socket: Socket, head) => {
      socket.setTimeout(0);
      const proof = createHash('sha1')
        .update(key + PROOF)
        .digest('base64');
      if (response.headers['sec-websocket-accept'] === proof) resolve({ socket, head });
      else {
        socket.destroy();
        reject(new CdpError('What answered the handshake is no inspector'));
      }
    });
    sent.end();
  });
}
