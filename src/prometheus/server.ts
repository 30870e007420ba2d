// The HTTP endpoint that Prometheus scrapes: a thin layer over a function that returns the exposition.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { markOwn } from '../own.js';

/** The content type of the Prometheus text format 0.0.4. */
export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The path that is scraped. */
export const METRICS_PATH = '/metrics';

// A scrape has no body and short headers; what takes longer or more is not Prometheus.
const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
// Longer than the usual scrape interval of a minute, so that one connection serves all scrapes.
const KEEP_ALIVE_MS = 75_000;
const MAX_CONNECTIONS = 256;

export interface ServerOptions {
  /** Address or name to bind to, for example `127.0.0.1` or `::`. */
  readonly host: string;
  /** Port to bind to; 0 picks a free one. */
  readonly port: number;
  /** Returns the exposition; a throw or rejection is answered with 500. */
  readonly collect: () => Promise<string>;
  /** Told of failed collections and of errors of the listening server. */
  readonly onError: (error: unknown) => void;
  /** Whether server and connections let the process exit. @default false */
  readonly unref?: boolean | undefined;
}

/** A running endpoint. */
export interface MetricsServer {
  /** The address that it is bound to. */
  readonly host: string;
  readonly port: number;
  /** Where to scrape, with the path; `localhost` where it is bound to every address. */
  readonly url: string;
  /** Stops listening and ends every connection; may be called twice. */
  close(): Promise<void>;
}

/**
 * Starts the endpoint. Rejects with the error of `listen`, for example `EADDRINUSE`, when it cannot bind.
 *
 * @example
 * ```ts
 * const server = await startServer({ host: '127.0.0.1', port: 0, collect: async () => '', onError: () => {} });
 * await server.close();
 * ```
 */
export async function startServer(options: ServerOptions): Promise<MetricsServer> {
  const { host, port, unref = false } = options;
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  server.maxConnections = MAX_CONNECTIONS;
  markOwn(server);
  if (unref) {
    server.unref();
    server.on('connection', (socket) => socket.unref());
  }
  server.on('request', (request, response) => void answer(request, response, options));
  await listen(server, host, port);
  server.on('error', (error) => tell(options, error));
  const bound = server.address();
  if (bound === null || typeof bound === 'string')
    throw new Error('unreachable: a listening TCP server has an address');
  let closing: Promise<void> | undefined;
  return {
    host: bound.address,
    port: bound.port,
    url: `http://${hostInUrl(bound.address)}:${bound.port}${METRICS_PATH}`,
    close() {
      closing ??= close(server);
      return closing;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ServerOptions): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    // Whatever body follows is not worth reading.
    response.shouldKeepAlive = false;
    response.setHeader('Allow', 'GET, HEAD');
    send(response, 405, 'Only GET and HEAD are allowed.\n');
    return;
  }
  const path = request.url?.split('?', 1)[0];
  if (path === '/') {
    send(
      response,
      200,
      `Loopsight: what the event loop of this Node.js process does.\nMetrics are at ${METRICS_PATH}\n`,
    );
    return;
  }
  if (path !== METRICS_PATH) {
    send(response, 404, `Not found; metrics are at ${METRICS_PATH}\n`);
    return;
  }
  try {
    send(response, 200, await options.collect(), TEXT_CONTENT_TYPE);
  } catch (error) {
    tell(options, error);
    send(response, 500, 'The metrics could not be collected.\n');
  }
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  // Node leaves the body out of answers to HEAD.
  response.end(bytes);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Exclusive: cluster workers that shared a port would answer scrapes with the figures of one of them by turns.
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function hostInUrl(address: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost';
  return isIPv6(address) ? `[${address.replace('%', '%25')}]` : address;
}

function tell({ onError }: ServerOptions, error: unknown): void {
  try {
    onError(error);
  } catch {
    // Whoever is told of failures must not make another one here.
  }
}
