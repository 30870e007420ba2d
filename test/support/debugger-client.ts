// A debugger's front end: the Chrome DevTools Protocol over a WebSocket, as much of it as Node's inspector speaks.
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** A connection to a program under `--inspect`; events are those of the protocol, such as `Debugger.paused`. */
export interface DebuggerClient {
  /** Sends one command; rejects with the protocol's message where it fails. */
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  /** Resolves with the parameters of the next event of this name. */
  next(event: string): Promise<Record<string, unknown>>;
  close(): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Connects to the address that Node prints as "Debugger listening on ws://…". */
export async function connectDebugger(address: string): Promise<DebuggerClient> {
  const socket = await upgrade(address.replace(/^ws:/, 'http:'));
  const events = new EventEmitter();
  const waiting = new Map<number, (message: Message) => void>();
  let lastId = 0;
  let unread = Buffer.alloc(0);

  socket.on('data', (data: Buffer) => {
    unread = Buffer.concat([unread, data]);
    for (;;) {
      const frame = readFrame(unread);
      if (frame === undefined) return;
      unread = unread.subarray(frame.length);
      if (frame.opcode !== TEXT) continue;
      const message = JSON.parse(frame.text) as Message;
      if (message.id === undefined) events.emit(String(message.method), message.params ?? {});
      else waiting.get(message.id)?.(message);
    }
  });
  socket.on('error', () => {});

  return {
    send(method, params = {}) {
      lastId++;
      const id = lastId;
      socket.write(textFrame(JSON.stringify({ id, method, params })));
      return new Promise((resolve, reject) => {
        waiting.set(id, ({ result, error }) => {
          waiting.delete(id);
          if (error === undefined) resolve(result ?? {});
          else reject(new Error(`${method}: ${error.message}`));
        });
      });
    },
    next: async (event) => (await once(events, event))[0] as Record<string, unknown>,
    close: () => socket.destroy(),
  };
}

async function upgrade(url: string): Promise<Socket> {
  const request = get(url, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    },
  });
  const [, socket] = (await once(request, 'upgrade')) as [IncomingMessage, Socket];
  return socket;
}

// RFC 6455: what a client sends is masked, what a server sends is not.
const TEXT = 1;
const FINAL = 0x80;
const MASKED = 0x80;

function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const head =
    payload.length < 126
      ? Buffer.from([FINAL | TEXT, MASKED | payload.length])
      : Buffer.from([FINAL | TEXT, MASKED | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

function readFrame(data: Buffer): { opcode: number; text: string; length: number } | undefined {
  if (data.length < 2) return undefined;
  const short = (data[1] ?? 0) & 0x7f;
  const headLength = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (data.length < headLength) return undefined;
  const size = short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
  const length = headLength + size;
  if (data.length < length) return undefined;
  return { opcode: (data[0] ?? 0) & 0x0f, text: data.toString('utf8', headLength, length), length };
}
