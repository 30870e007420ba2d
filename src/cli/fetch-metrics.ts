// One scrape over HTTP with limits on time and size; every failure is one sentence.
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { describeNetworkError } from '../network-error.js';
import { duration, printable } from '../status/wording.js';

/** Limits of one scrape, and who asks. */
export interface FetchLimits {
  /** For the whole scrape, redirects included. @default 5000 */
  readonly timeoutMs?: number;
  /** For the body. @default 64 MiB */
  readonly maximumBytes?: number;
  /** The Authorization header, where the URL has no name and password. @default none */
  readonly authorization?: string | undefined;
}

/** Why metrics could not be read, in a sentence for the person who asked. */
export class UnreadableMetrics extends Error {
  override readonly name = 'UnreadableMetrics';
}

const DEFAULT_PORT = 9464;
const REDIRECT_LIMIT = 3;
const TEXT_LIMIT = 200;

/**
 * The URL that a person means by `9464`, `host:port` or a URL with or without a path. Throws a TypeError that quotes
 * what was given when it is none of these.
 *
 * @example
 * metricsUrl('localhost:9464').href; // http://localhost:9464/metrics
 */
export function metricsUrl(given: string): URL {
  const port = /^:?(\d+)$/.exec(given)?.[1];
  const text = port === undefined ? given : `127.0.0.1:${port}`;
  const bare = !text.includes('://');
  const url = URL.canParse(bare ? `http://${text}` : text) ? new URL(bare ? `http://${text}` : text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`Expected an http URL or host:port, got "${printable(given, TEXT_LIMIT)}"`);
  }
  if (bare && url.port === '' && !/:80(?:\/|$)/.test(text)) url.port = String(DEFAULT_PORT);
  if (url.pathname === '/') url.pathname = '/metrics';
  return url;
}

/** A URL as it may be shown: without a password. */
export function shownUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return printable(shown.href, TEXT_LIMIT);
}

/** Fetches the text of an exposition. Rejects with UnreadableMetrics. */
export async function fetchMetrics(url: URL, limits: FetchLimits = {}): Promise<string> {
  const { timeoutMs = 5000, maximumBytes = 64 * 1024 * 1024, authorization } = limits;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await follow(url, { signal, maximumBytes, authorization }, 0);
  } catch (error) {
    if (error instanceof UnreadableMetrics) throw error;
    if (signal.aborted)
      throw new UnreadableMetrics(`${shownUrl(url)} did not answer within ${duration(timeoutMs / 1000)}.`);
    throw new UnreadableMetrics(`${shownUrl(url)} could not be reached: ${describeNetworkError(error)}.`);
  }
}

interface Scrape {
  readonly signal: AbortSignal;
  readonly maximumBytes: number;
  readonly authorization: string | undefined;
}

async function follow(url: URL, scrape: Scrape, redirects: number): Promise<string> {
  const { request, response } = await open(url, scrape);
  try {
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status >= 300 && status < 400 && location !== undefined) {
      const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (target?.origin !== url.origin || redirects >= REDIRECT_LIMIT) {
        const to = target === undefined ? printable(location) : shownUrl(target);
        throw new UnreadableMetrics(`${shownUrl(url)} redirects to ${to}, which is not followed.`);
      }
      return await follow(target, scrape, redirects + 1);
    }
    if (status === 401) {
      const asks = `${shownUrl(url)} asks for credentials`;
      throw new UnreadableMetrics(
        `${asks}: set LOOPSIGHT_TOKEN_FILE, or LOOPSIGHT_USERNAME and LOOPSIGHT_PASSWORD_FILE.`,
      );
    }
    if (status !== 200) throw new UnreadableMetrics(`${shownUrl(url)} answered with status ${status}.`);
    const text = await readBody(url, response, scrape);
    return checked(url, response, text);
  } finally {
    request.destroy();
  }
}

function open(
  url: URL,
  { signal, authorization }: Scrape,
): Promise<{ request: ClientRequest; response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept: 'text/plain;version=0.0.4, */*;q=0.1',
      'accept-encoding': 'identity',
      ...(authorization === undefined || url.username !== '' ? {} : { authorization }),
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, { headers, signal, agent: false }, (response) => resolve({ request, response }));
    // It stays for good: destroying a request can emit an error once the answer is being read.
    request.on('error', reject);
    request.end();
  });
}

async function readBody(url: URL, response: IncomingMessage, { signal, maximumBytes }: Scrape): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maximumBytes) {
        throw new UnreadableMetrics(
          `${shownUrl(url)} answered with more than ${Math.floor(maximumBytes / 1024 ** 2)} MiB.`,
        );
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof UnreadableMetrics || signal.aborted) throw error;
    throw new UnreadableMetrics(`The answer of ${shownUrl(url)} broke off after ${size} bytes.`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function checked(url: URL, response: IncomingMessage, text: string): string {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new UnreadableMetrics(
      `${shownUrl(url)} answered in the encoding ${printable(encoding)}, which was not asked for.`,
    );
  }
  if (/html/i.test(response.headers['content-type'] ?? '') || /^\s*</.test(text)) {
    throw new UnreadableMetrics(`${shownUrl(url)} answered with HTML, not with metrics.`);
  }
  if (text.trim() === '') throw new UnreadableMetrics(`${shownUrl(url)} answered with nothing.`);
  // The format wants a line feed after the last line, so without one the rest is missing.
  if (!text.endsWith('\n')) throw new UnreadableMetrics(`The answer of ${shownUrl(url)} ends in the middle of a line.`);
  return text;
}
