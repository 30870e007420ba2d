// A small HTTP server for machines: fixed paths, GET and HEAD, tight limits. What a path answers is a function.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ListenOptions } from 'node:net';
import { markOwn } from '../own.js';

/** What is answered; `body` ends with a line feed. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  /** @default 'text/plain; charset=utf-8' */
  readonly type?: string;
}

/** Answers one path. A throw or rejection is told and answered with 500. */
export type Route = (request: IncomingMessage) => Reply | Promise<Reply>;

/** Routes by their exact path, without a query. */
export type Routes = Readonly<Record<string, Route>>;

export interface RouteServerOptions {
  readonly routes: Routes;
  /** What other paths are answered with; nothing of the request belongs into it. */
  readonly notFound: string;
  /** Told of routes that failed. */
  readonly onError: (error: unknown) => void;
  /** Whether server and connections let the process exit. */
  readonly unref: boolean;
}

// A request has no body and short headers; what takes longer or more is not one of ours.
const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
// Longer than the usual scrape interval of a minute, so that one connection serves all scrapes.
const KEEP_ALIVE_MS = 75_000;
const MAX_CONNECTIONS = 256;

/** Creates the server; it does not listen yet. */
export function createRouteServer(options: RouteServerOptions): Server {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  server.maxConnections = MAX_CONNECTIONS;
  markOwn(server);
  if (options.unref) {
    server.unref();
    server.on('connection', (socket) => socket.unref());
  }
  server.on('request', (request, response) => void answer(request, response, options));
  return server;
}

/** Listens. Rejects with the error of `listen`, for example `EADDRINUSE`. */
export function listen(server: Server, at: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Stops listening and ends every connection. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: RouteServerOptions): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    // Whatever body follows is not worth reading.
    response.shouldKeepAlive = false;
    response.setHeader('Allow', 'GET, HEAD');
    send(response, { status: 405, body: 'Only GET and HEAD are allowed.\n' });
    return;
  }
  const path = request.url?.split('?', 1)[0] ?? '';
  const route = Object.hasOwn(options.routes, path) ? options.routes[path] : undefined;
  if (route === undefined) {
    send(response, { status: 404, body: options.notFound });
    return;
  }
  try {
    send(response, await route(request));
  } catch (error) {
    tell(options, error);
    send(response, { status: 500, body: 'The answer could not be made.\n' });
  }
}

function send(response: ServerResponse, { status, body, type = 'text/plain; charset=utf-8' }: Reply): void {
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

function tell({ onError }: RouteServerOptions, error: unknown): void {
  try {
    onError(error);
  } catch {
    // Whoever is told of failures must not make another one here.
  }
}
