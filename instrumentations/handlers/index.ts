// Route handlers of web frameworks as traced functions, by method and route.
import type { Monitor } from '../../src/instrumentation.js';
import type { Library } from '../../src/loading/library.js';
import { undoAll } from '../../src/loading/replace.js';
import { watchLibraries } from '../../src/loading/watch-libraries.js';
import { unexpected } from '../../src/option-values.js';
import type { Framework } from '../../src/trace-patterns/patterns.js';
import { express, traceExpress } from './express.js';
import { traceEachFastify, traceFastify } from './fastify.js';
import { hono, traceHono } from './hono.js';
import { koa, traceKoa } from './koa.js';

/**
 * Traces the route handlers of `app`, each call by method and route (`GET /users/:id`), and returns the undo. `app` is an
 * application or router of Express, an instance of Fastify, an application of Hono, or a router for Koa. Call it before
 * the routes are added; of routers of Express and for Koa, those that are there are traced too. What an application of
 * Express gets, all others of the same copy of Express get as well. A call ends when its promise settles, else when the
 * response is ended or `next` is called. Throws a TypeError for anything else.
 *
 * @example
 * import express from 'express';
 * const app = express();
 * const untrace = traceHandlers(app);
 * app.get('/users/:id', (request, response) => response.json({ id: request.params.id }));
 * untrace();
 */
export function traceHandlers(app: object): () => void {
  const undo = traceFastify(app) ?? traceHono(app) ?? traceExpress(app) ?? traceKoa(app);
  if (undo === undefined) {
    throw unexpected('app', 'an application or router of Express, Fastify, Hono or Koa', app);
  }
  return undo;
}

const LIBRARIES: Readonly<Record<Framework, readonly Library[]>> = { express: [express], fastify: [], hono, koa };

/** Traces the handlers of every application of the frameworks, as these are loaded, until it is stopped. */
export function traceHandlersOf(
  frameworks: readonly Framework[],
  report: (cause: string, error: unknown) => void,
): Monitor {
  const libraries = frameworks.flatMap((framework) => LIBRARIES[framework]);
  const watched = watchLibraries(libraries, report);
  const undos = [() => watched.stop()];
  if (frameworks.includes('fastify')) {
    undos.push(traceEachFastify((error) => report('handlers of Fastify could not be traced', error)));
  }
  return { stop: () => undoAll(undos.splice(0)) };
}
