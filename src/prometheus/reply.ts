// Writes one answer: short ones at once, long ones as fast as the client reads them and no further.
import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isGone, onGone } from './client-gone.js';
import { canGzip, gzip } from './gzip.js';
import { acceptsGzip } from './negotiation.js';

/** What is answered. */
export interface Reply {
  readonly status: number;
  /** Ends with a line feed. What is iterable is taken as fast as the client reads it, and no further than it reads. */
  readonly body: string | Iterable<string>;
  /** @default 'text/plain; charset=utf-8' */
  readonly type?: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** The request's headers that `body` or `type` were chosen by. */
  readonly vary?: readonly string[];
  /** Whether an iterable body may be compressed, which takes time of the calling thread. @default false */
  readonly gzip?: boolean;
}

/** Below this many characters gzip saves nothing that is worth a block of its own. */
const MIN_GZIP_CHARACTERS = 1024;

/** Sends `reply`. Resolves when all is written or the client is gone; rejects with what iterating the body threw. */
export async function sendReply(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const { body } = reply;
  if (typeof body === 'string') {
    sendAtOnce(response, reply, Buffer.from(body));
    return;
  }
  const chunks = body[Symbol.iterator]();
  try {
    const first = chunks.next();
    const second = first.done === true ? first : chunks.next();
    const start = first.done === true ? '' : first.value;
    const isWhole = second.done === true;
    const isLong = !isWhole || start.length >= MIN_GZIP_CHARACTERS;
    const compress = reply.gzip === true && isLong && acceptsGzip(request.headers['accept-encoding']) && canGzip();
    const encoding: Record<string, string> = compress ? { 'Content-Encoding': 'gzip' } : {};
    if (isWhole) {
      sendAtOnce(response, reply, compress ? Buffer.concat([...gzip([start])]) : Buffer.from(start), encoding);
      return;
    }
    response.writeHead(reply.status, { ...headersOf(reply), ...encoding });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const all = resumed([start, second.value], chunks);
    await writeAll(request, response, compress ? gzip(all) : all);
  } finally {
    // Whoever makes the chunks learns that no more are wanted.
    chunks.return?.();
  }
}

function sendAtOnce(
  response: ServerResponse,
  reply: Reply,
  bytes: Uint8Array,
  headers: Record<string, string> = {},
): void {
  response.writeHead(reply.status, { ...headersOf(reply), ...headers, 'Content-Length': bytes.length });
  // Node leaves the body out of answers to HEAD.
  response.end(bytes);
}

function headersOf({ type = 'text/plain; charset=utf-8', vary = [], headers = {} }: Reply): OutgoingHttpHeaders {
  return {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(vary.length === 0 ? {} : { Vary: vary.join(', ') }),
    ...headers,
  };
}

function* resumed(taken: readonly string[], rest: Iterator<string>): Generator<string> {
  yield* taken;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

async function writeAll(
  request: IncomingMessage,
  response: ServerResponse,
  chunks: Iterable<string | Uint8Array>,
): Promise<void> {
  if (isGone(request, response)) return;
  const gone = new AbortController();
  onGone(request, response, () => gone.abort());
  try {
    for (const chunk of chunks) {
      if (!response.write(chunk)) await once(response, 'drain', { signal: gone.signal });
      // What the kernel takes at once drains at once: without this turn nothing else would have its own until the end.
      await nextTurn(undefined, { signal: gone.signal });
    }
    response.end();
  } catch (error) {
    if (gone.signal.aborted) return;
    // Half of an exposition must not look like a whole one.
    response.destroy();
    throw error;
  }
}
