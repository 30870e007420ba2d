// A program with Loopsight, and clients of its socket.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CdpConnection, CdpThread } from '../../src/cdp/connection.js';
import { connectWebSocket } from '../../src/cdp/web-socket.js';
import { relayThreads } from '../../src/cdp/worker-threads.js';
import { INSPECT_PATH } from '../../src/dump/routes.js';
import { socketPath } from '../../src/dump/socket-place.js';
import { eventually } from '../support/eventually.js';
import { registerFiles, root } from '../support/run-node.js';

/** A program that does what it is told (programs/relayed.mjs). */
export interface Relayed {
  readonly pid: number;
  readonly socket: string;
  /** What it wrote on standard error so far. */
  stderr(): string;
  /** Tells it, and resolves with its answer. */
  tell(command: string, ms?: number): Promise<unknown>;
  connect(): Promise<CdpConnection>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  [Symbol.asyncDispose](): Promise<void>;
}

const PROGRAM = join(root, 'test/relay/programs/relayed.mjs');

/** Starts the program; resolves when it runs and its socket is there. */
export async function startRelayed(
  node: string = process.execPath,
  env: Readonly<Record<string, string>> = {},
  isRelayed = true,
): Promise<Relayed> {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-relay-'));
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(node, ['--import', registerFiles.import, PROGRAM], {
    cwd: root,
    env: { PATH, HOME, TMPDIR: folder, OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const { stderr: errors, pid } = child;
  if (pid === undefined || errors === null) throw new Error('unreachable: it was started with a pipe');
  let stderr = '';
  errors.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Awaited<Relayed['ended']>);
  const answerTo = (command: string) =>
    new Promise<unknown>((resolve, reject) => {
      const onMessage = (message: { readonly command: string; readonly answer?: unknown }) => {
        if (message.command !== command) return;
        child.off('message', onMessage);
        resolve(message.answer);
      };
      child.on('message', onMessage);
      ended.then(() => reject(new Error(`it ended before it answered: ${stderr}`)));
    });
  await answerTo('ready');
  const socket = socketPath(join(folder, `loopsight-${process.getuid?.()}`), pid);
  const connect = () => connectWebSocket({ socketPath: socket, path: INSPECT_PATH });
  await eventually(
    () =>
      connect().then(
        (connection) => connection.close(),
        (error: unknown) => error,
      ),
    (error) => error === undefined || (!isRelayed && String(error).includes('501')),
  );
  return {
    pid,
    socket,
    stderr: () => stderr,
    ended,
    tell(command, ms) {
      const answer = answerTo(command);
      answer.catch(() => {});
      child.send({ command, ms });
      return answer;
    },
    connect,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The main thread and the worker of the program. */
export async function threadsOf(main: CdpConnection): Promise<readonly [CdpThread, CdpThread]> {
  const [first, second, ...others] = await relayThreads(main).threads();
  if (first === undefined || second === undefined || others.length > 0) throw new Error('Expected two threads');
  return [first, second];
}

/** A WebSocket as bytes, for what no client of ours would send. */
export interface RawSocket {
  readonly socket: Socket;
  /** What the answer to the upgrade was: its first line. */
  readonly status: string;
  /** Resolves with the code of the close frame, or undefined where the connection ended without one. */
  closed(): Promise<number | undefined>;
  /** The frames so far: opcode and payload. */
  frames(): readonly { readonly opcode: number; readonly payload: Buffer }[];
}

const UPGRADE: Readonly<Record<string, string>> = {
  Host: 'localhost',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
};

/** Asks for an upgrade; headers of the value '' are left out. */
export async function openRaw(
  path: string,
  {
    at = INSPECT_PATH,
    headers = {},
  }: { readonly at?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<RawSocket> {
  const socket = createConnection(path);
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  socket.on('error', () => {});
  const lines = Object.entries({ ...UPGRADE, ...headers }).filter(([, value]) => value !== '');
  socket.write(`GET ${at} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  const headEnd = await eventually(
    () => bytes.indexOf('\r\n\r\n'),
    (end) => end >= 0 || socket.destroyed,
  );
  const frames = () => readFrames(bytes.subarray(headEnd + 4));
  return {
    socket,
    status: bytes.subarray(0, bytes.indexOf('\r\n')).toString(),
    frames,
    async closed() {
      if (!socket.destroyed) await once(socket, 'close');
      const close = frames().find(({ opcode }) => opcode === 8);
      return close?.payload.readUInt16BE(0);
    },
  };
}

function readFrames(bytes: Buffer): { opcode: number; payload: Buffer }[] {
  const frames: { opcode: number; payload: Buffer }[] = [];
  for (let rest = bytes; rest.length >= 2; ) {
    const short = (rest[1] ?? 0) & 0x7f;
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < headBytes) break;
    const size = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (rest.length < headBytes + size) break;
    frames.push({ opcode: (rest[0] ?? 0) & 0x0f, payload: rest.subarray(headBytes, headBytes + size) });
    rest = rest.subarray(headBytes + size);
  }
  return frames;
}

/** A frame of a client; `first` is its first byte, with flags and opcode. */
export function clientFrame(first: number, payload: Buffer | string, isMasked = true): Buffer {
  const data = Buffer.from(payload);
  const mask = randomBytes(4);
  const flag = isMasked ? 0x80 : 0;
  const size = data.length;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = flag | (size < 126 ? size : size < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(size, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
  if (!isMasked) return Buffer.concat([head, data]);
  return Buffer.concat([head, mask, data.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}
