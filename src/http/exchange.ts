// One request and its whole answer, with limits on time and size; every failure is one sentence.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { describeNetworkError } from '../network-error.js';
import { duration, printable } from '../status/wording.js';
import { describeRefusal, shownProxy } from './proxy-server.js';
import { UnreadableData } from './unreadable.js';
import { findWay, type Transport } from './way.js';

/** What holds for every request of a command. */
export interface ExchangeLimits {
  /** Ends everything: the command's own time limit. */
  readonly signal: AbortSignal;
  /** The command's time limit, for the sentence. */
  readonly totalMs: number;
  /** For one request, redirects included. */
  readonly requestMs: number;
  /** For one answer after decompression. */
  readonly maximumBytes: number;
  readonly authorization: string | undefined;
  /** What the server, or what stands before it, wants besides. @default a direct connection */
  readonly transport?: Transport | undefined;
  /** What the person who asked can do about an answer that is too large, as a clause. @default nothing */
  readonly ifTooLarge?: string | undefined;
}

/** What is asked. */
export interface Question {
  readonly method: 'GET' | 'POST';
  /** The types that are asked for. @default 'application/json' */
  readonly accept?: string | undefined;
  /** The body and its type; a request with GET has none. */
  readonly body?: { readonly type: string; readonly text: string } | undefined;
}

/** An answer with any status that is no redirect. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const REDIRECT_LIMIT = 3;

/** A URL as it may be shown: without user, password and query. */
export function shownUrl(url: URL): string {
  return printable(`${url.origin}${url.pathname}`, 200);
}

/** Asks `url`. Follows redirects within the origin alone, so that credentials go nowhere else. Rejects with UnreadableData. */
export async function exchange(url: URL, question: Question, limits: ExchangeLimits): Promise<Answer> {
  const own = AbortSignal.timeout(limits.requestMs);
  const signal = AbortSignal.any([own, limits.signal]);
  try {
    return await follow(url, question, { ...limits, signal }, 0);
  } catch (error) {
    if (error instanceof UnreadableData) throw error;
    if (limits.signal.aborted) {
      throw new UnreadableData(
        `${shownUrl(url)} did not answer all queries within ${duration(limits.totalMs / 1000)} (--timeout).`,
      );
    }
    if (own.aborted) {
      throw new UnreadableData(`${shownUrl(url)} did not answer within ${duration(limits.requestMs / 1000)}.`);
    }
    const { proxy } = limits.transport ?? {};
    const through = proxy === undefined ? '' : ` through ${shownProxy(proxy)}`;
    throw new UnreadableData(`${shownUrl(url)} could not be reached${through}: ${describeNetworkError(error)}.`);
  }
}

async function follow(url: URL, question: Question, limits: ExchangeLimits, redirects: number): Promise<Answer> {
  const { request, response } = await open(url, question, limits);
  try {
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    const { proxy } = limits.transport ?? {};
    if (status === 407 && proxy !== undefined) throw new UnreadableData(describeRefusal(proxy, status, 'answer'));
    if (status >= 300 && status < 400 && location !== undefined) {
      const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (target?.origin !== url.origin || redirects >= REDIRECT_LIMIT) {
        const to = target === undefined ? printable(location) : shownUrl(target);
        throw new UnreadableData(`${shownUrl(url)} redirects to ${to}, which is not followed.`);
      }
      return await follow(target, question, limits, redirects + 1);
    }
    const text = await readBody(url, response, limits);
    return { status, contentType: response.headers['content-type'] ?? '', text };
  } finally {
    request.destroy();
  }
}

async function open(
  url: URL,
  { method, accept = 'application/json', body }: Question,
  { signal, authorization, transport = {} }: ExchangeLimits,
): Promise<{ request: ClientRequest; response: IncomingMessage }> {
  const { send, options } = await findWay(url, transport, signal);
  return await new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(body.text);
    const headers = {
      ...transport.headers,
      ...options.headers,
      accept,
      'accept-encoding': 'gzip',
      ...(body === undefined || bytes === undefined
        ? {}
        : { 'content-type': body.type, 'content-length': bytes.length }),
      ...(authorization === undefined || url.username !== '' ? {} : { authorization }),
    };
    const request = send({ ...options, method, headers, signal }, (response) => resolve({ request, response }));
    // It stays for good: destroying a request can emit an error once the answer is being read.
    request.on('error', reject);
    request.end(bytes);
  });
}

async function readBody(url: URL, response: IncomingMessage, limits: ExchangeLimits): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of decoded(url, response)) {
      size += chunk.length;
      if (size > limits.maximumBytes) {
        const advice = limits.ifTooLarge === undefined ? '' : `; ${limits.ifTooLarge}`;
        throw new UnreadableData(
          `${shownUrl(url)} answered with more than ${Math.floor(limits.maximumBytes / 1024 ** 2)} MiB${advice}.`,
        );
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof UnreadableData || limits.signal.aborted) throw error;
    const why = error instanceof Error && 'code' in error && error.code === 'Z_DATA_ERROR' ? ': it is no gzip' : '';
    throw new UnreadableData(`The answer of ${shownUrl(url)} broke off after ${size} bytes${why}.`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function decoded(url: URL, response: IncomingMessage): AsyncIterable<Buffer> {
  const encoding = (response.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity') return response;
  if (encoding !== 'gzip') {
    throw new UnreadableData(
      `${shownUrl(url)} answered in the encoding ${printable(encoding)}, which was not asked for.`,
    );
  }
  const gunzip = createGunzip();
  // An answer that breaks off has to end the reading as well.
  response.on('error', (error) => gunzip.destroy(error));
  response.on('aborted', () => gunzip.destroy(new Error('aborted')));
  return response.pipe(gunzip) satisfies Readable;
}
