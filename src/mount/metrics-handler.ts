// Our metrics at a path of the application's own server, answered by the main thread.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access, Guard } from '../access/guard.js';
import { openGuard } from '../access/server-guard.js';
import { openServedRegistries } from '../bridges/serve-registry.js';
import { systemClock } from '../clock.js';
import { reportFailure } from '../diagnostics.js';
import { createDropReport } from '../observer/exposition.js';
import type { Format } from '../prometheus/format.js';
import type { Reply } from '../prometheus/reply.js';
import { serialize } from '../prometheus/serialize.js';
import { scrape } from '../prometheus/server.js';
import { SeriesTable } from '../prometheus/snapshot.js';
import { sharedState } from '../shared-state.js';
import { createMountedAnswer } from './mounted-answers.js';

/** Answers one request of `node:http`; resolves when that is done, never rejects. */
export type MetricsHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const NOT_RUNNING: Reply = { status: 503, body: 'Loopsight is not running.\n' };

/**
 * Creates a handler that answers with the metrics of the running Loopsight, in the format that the scraper asks for; 503
 * where none runs. Credentials that Loopsight's own endpoint asks for are asked for here as well. It answers from the calling
 * thread, so not while that is blocked, and needs no endpoint (`OTEL_METRICS_EXPORTER=none`). Throws nothing.
 *
 * @example
 * const { createServer } = await import('node:http');
 * const loopsight = start({ endpoint: false });
 * const handler = metricsHandler();
 * const server = createServer((request, response) => {
 *   if (request.url === '/metrics') void handler(request, response);
 *   else response.end('hello');
 * });
 * server.close();
 * await loopsight.stop();
 */
export function metricsHandler(): MetricsHandler {
  const onDrop = createDropReport(reportFailure);
  const onError = (error: unknown) => reportFailure('a scrape failed', error);
  const answer = createMountedAnswer(onError);
  const registries = new SeriesTable();
  const guardOf = createGuards();
  let served: ReturnType<typeof openServedRegistries> | undefined;

  async function collect(format: Format): Promise<Iterable<string>> {
    served ??= openServedRegistries();
    if (served.hasAny) registries.apply(await served.read());
    const figures = await sharedState().figures?.read();
    const tables = [registries, ...(figures?.tables ?? [])];
    const { constantLabels, resource } = figures ?? {};
    return serialize(
      tables.map((table) => ({ table })),
      { format, constantLabels, resource, onDrop },
    );
  }

  async function replyTo(request: IncomingMessage): Promise<Reply> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { status: 405, body: 'Only GET and HEAD are allowed.\n', headers: { Allow: 'GET, HEAD' } };
    }
    const { figures, access } = sharedState();
    if (figures === undefined) return NOT_RUNNING;
    const denial = await guardOf(access)?.check(request);
    return denial ?? scrape(request, { collect, onError });
  }

  return (request, response) => answer(request, response, () => replyTo(request));
}

/** The guard of what runs now. */
function createGuards(): (access: Access | undefined) => Guard | undefined {
  let guarded: Access | undefined;
  let guard: Guard | undefined;
  return (access) => {
    if (access !== guarded) guard = openGuard(access, systemClock);
    guarded = access;
    return guard;
  };
}
