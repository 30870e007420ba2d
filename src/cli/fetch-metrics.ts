// One scrape of a process; every failure is one sentence.
import { exchange, shownUrl } from '../http/exchange.js';
import { shownGivenUrl } from '../http/given-url.js';
import { isHtml } from '../http/json-answer.js';
import { UnreadableData } from '../http/unreadable.js';

/** Limits of one scrape, and who asks. */
export interface FetchLimits {
  /** For the whole scrape, redirects included. @default 5000 */
  readonly timeoutMs?: number;
  /** For the body. @default 64 MiB */
  readonly maximumBytes?: number;
  /** The Authorization header, where the URL has no name and password. @default none */
  readonly authorization?: string | undefined;
}

const DEFAULT_PORT = 9464;
const ACCEPT = 'text/plain;version=0.0.4, */*;q=0.1';
/** Of an exchange that nothing but its own time limit ends. */
const ENDLESS = new AbortController().signal;

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
    throw new TypeError(`Expected an http URL or host:port, got "${shownGivenUrl(given)}"`);
  }
  if (bare && url.port === '' && !/:80(?:\/|$)/.test(text)) url.port = String(DEFAULT_PORT);
  if (url.pathname === '/') url.pathname = '/metrics';
  return url;
}

/** Fetches the text of an exposition. Rejects with UnreadableData. */
export async function fetchMetrics(url: URL, limits: FetchLimits = {}): Promise<string> {
  const { timeoutMs = 5000, maximumBytes = 64 * 1024 * 1024, authorization } = limits;
  const answer = await exchange(
    url,
    { method: 'GET', accept: ACCEPT },
    { signal: ENDLESS, totalMs: timeoutMs, requestMs: timeoutMs, maximumBytes, authorization },
  );
  const { status, text } = answer;
  const shown = shownUrl(url);
  if (status === 401) {
    throw new UnreadableData(
      `${shown} asks for credentials: set LOOPSIGHT_TOKEN_FILE, or LOOPSIGHT_USERNAME and LOOPSIGHT_PASSWORD_FILE.`,
    );
  }
  if (status !== 200) throw new UnreadableData(`${shown} answered with status ${status}.`);
  if (isHtml(answer)) throw new UnreadableData(`${shown} answered with HTML, not with metrics.`);
  if (text.trim() === '') throw new UnreadableData(`${shown} answered with nothing.`);
  // The format wants a line feed after the last line, so without one the rest is missing.
  if (!text.endsWith('\n')) throw new UnreadableData(`The answer of ${shown} ends in the middle of a line.`);
  return text;
}
