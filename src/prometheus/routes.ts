// A small HTTP server for machines: fixed paths, GET and HEAD, tight limits. What a path answers is a function.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ListenOptions } from 'node:net';
import type { Guard } from '../access/guard.js';
import { createLimitedServer } from '../access/limited-server.js';
import { SERVER_LIMITS, type ServerLimits } from '../access/limits.js';
import { requestPath } from '../access/request-path.js';
import { FOREIGN_PAGE, isForeignPage, isLoopback } from '../access/web-pages.js';
import { markOwn } from '../own.js';
import { isGone, onGone } from './client-gone.js';
import { type Reply, sendReply } from './reply.js';

export type { Reply };

/**
 * An answer that goes on: no limit of time applies to it, and it takes none of the places of answers. Whoever makes it has to
 * bound both, and what a client does not read.
 */
export interface Stream {
  /** Answers, with `headers` among its own. A throw ends the connection. */
  readonly stream: (response: ServerResponse, headers: Readonly<Record<string, string>>) => void;
}

/** Answers one path. A throw or rejection is told and answered with 500. */
export type Route = (request: IncomingMessage) => Reply | Stream | Promise<Reply | Stream>;

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
  /** Decides who is answered, and brings TLS. @default everybody, plain HTTP */
  readonly guard?: Guard | undefined;
  /** Paths that everybody is answered, also when too many others ask. @default none */
  readonly open?: readonly string[];
  /** What those see at a path who are not let in, beside the status and headers of `denial`. @default the denial itself */
  readonly onDenial?: ((path: string, denial: Reply) => Reply) | undefined;
  /** @default SERVER_LIMITS */
  readonly limits?: Partial<ServerLimits> | undefined;
}

/** Creates the server; it does not listen yet. */
export function createRouteServer(options: RouteServerOptions): Server {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const server = createLimitedServer(limits, options.guard);
  markOwn(server);
  if (options.unref) {
    server.unref();
    server.on('connection', (socket) => socket.unref());
  }
  const answers = { underWay: 0 };
  // Whoever cannot show credentials, or a certificate for the name, is kept out already.
  const isPrivate = () => options.guard?.isOpen !== false && isLoopback(server.address());
  server.on('request', (request, response) => void answer(request, response, options, limits, answers, isPrivate()));
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

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: RouteServerOptions,
  limits: ServerLimits,
  answers: { underWay: number },
  isPrivate: boolean,
): Promise<void> {
  if (request.socket.destroyed) return;
  const deadline = setTimeout(() => request.socket.destroy(), limits.answerMs).unref();
  onGone(request, response, () => clearTimeout(deadline));
  // Whatever body follows is not worth reading.
  if (hasBody(request)) response.shouldKeepAlive = false;
  const path = requestPath(request.url);
  let release = () => {};
  const send = (reply: Reply) => {
    const headers = { ...reply.headers, ...options.guard?.headers };
    return sendReply(request, response, { ...reply, headers });
  };
  try {
    if (isForeignPage(request, isPrivate)) return await send(FOREIGN_PAGE);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.shouldKeepAlive = false;
      await send({ status: 405, body: 'Only GET and HEAD are allowed.\n', headers: { Allow: 'GET, HEAD' } });
      return;
    }
    if (options.open?.includes(path) !== true) {
      const denial = await options.guard?.check(request);
      if (isGone(request, response)) return;
      if (denial !== undefined) return await send(options.onDenial?.(path, denial) ?? denial);
      if (answers.underWay >= limits.maxAnswers) return await send(BUSY);
      answers.underWay++;
      release = () => {
        answers.underWay--;
        release = () => {};
      };
      onGone(request, response, () => release());
    }
    const route = Object.hasOwn(options.routes, path) ? options.routes[path] : undefined;
    const reply = route === undefined ? { status: 404, body: options.notFound } : await route(request);
    if (!('stream' in reply)) return await send(reply);
    if (isGone(request, response)) return;
    release();
    clearTimeout(deadline);
    request.socket.setTimeout(0);
    // What comes after it on the connection would have no limits.
    response.shouldKeepAlive = false;
    reply.stream(response, options.guard?.headers ?? {});
  } catch (error) {
    tell(options, error);
    if (!response.headersSent) await send({ status: 500, body: 'The answer could not be made.\n' });
    else if (!response.writableEnded) response.destroy();
  }
}

const BUSY: Reply = {
  status: 503,
  body: 'Too many requests are being answered.\n',
  headers: { 'Retry-After': '1' },
};

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Tells of a failure. */
export function tell({ onError }: Pick<RouteServerOptions, 'onError'>, error: unknown): void {
  try {
    onError(error);
  } catch {
    // Whoever is told of failures must not make another one here.
  }
}
