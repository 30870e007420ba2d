// The HTTP server: routes requests to the handlers and writes their answers.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type Answer, type HttpApi, text } from './http-api.js';
import type { Log } from './log.js';

const REPORT_PATH = /^\/reports\/(\d{1,9})$/;

/** Serves `api` on 127.0.0.1 and logs each answer; rejects when the port cannot be listened on. */
export async function startHttpServer(api: HttpApi, port: number, log: Log): Promise<Server> {
  const server = createServer((request, response) => {
    answer(api, request)
      .catch((error: unknown) => text(500, error instanceof Error ? error.message : String(error)))
      .then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(body);
        // What the client may still send is of no interest, but an unread body would hold up its connection.
        request.resume();
        log(`${request.method} ${request.url} ${status}`);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

/** Takes no more connections, and ends those that are left after `limitMs`. */
export async function stopHttpServer(server: Server, limitMs: number): Promise<void> {
  const limit = setTimeout(() => server.closeAllConnections(), limitMs);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(limit);
}

async function answer(api: HttpApi, request: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service');
  const route = `${request.method} ${pathname}`;
  if (route === 'GET /') return api.describe();
  if (route === 'GET /totals') return api.showTotals();
  if (route === 'GET /healthz') return text(200, 'ok');
  if (route === 'POST /restarts') return api.addRestart(searchParams.get('host') ?? '');
  if (route === 'POST /block') return api.block(Number(searchParams.get('ms')));
  const id = request.method === 'GET' ? REPORT_PATH.exec(pathname)?.[1] : undefined;
  return id === undefined ? text(404, 'There is no such page') : api.showReport(Number(id));
}
