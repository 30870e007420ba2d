// Requests of every HTTP/1 server of the process, from the channels on which Node announces them; nothing is patched.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { MonitorDefinition } from '../../src/instrumentation.js';
import { isOwn } from '../../src/own.js';
import type { RouteName, RouteNews } from '../../src/route-windows.js';
import type { RequestSource } from '../../src/stalls/loop/waiting-requests.js';
import { scheduleOf } from '../traced/time/schedule.js';
import { createConnections, type Exchange } from './connections.js';
import { createCurrentRequest } from './current-request.js';
import { createEndedRequests } from './ended-requests.js';
import { createExpressRoutes, type ExpressRequest } from './express-route.js';
import { knownMethods } from './methods.js';
import { createRequestSeries, type MethodSeries } from './request-series.js';
import { requestRoute, requestSpan } from './request-span.js';

type Response = ServerResponse & { readonly req: IncomingMessage & ExpressRequest };

interface RequestMessage {
  readonly request: IncomingMessage;
  readonly response: Response;
  readonly socket: Socket;
  readonly server: Server;
}

interface FastifyMessage {
  readonly reply?: { readonly raw?: Response };
  readonly route?: { readonly url?: unknown };
}

export interface HttpOptions {
  /** Told where the requests can be looked at while the monitor runs, and undefined when it stops. */
  readonly onRequests?: (source: RequestSource | undefined) => void;
  /** Told what ran for which route, in windows; without it nothing is noted, nor after it has returned false. */
  readonly onRoutes?: ((news: RouteNews) => boolean) | undefined;
}

/** Creates the monitor that records `http.server.request.duration` and `http.server.active_requests`. */
export const createHttpMonitor = ({ onRequests = () => {}, onRoutes }: HttpOptions = {}): MonitorDefinition => ({
  name: 'http',
  start({ recorder, clock, shared, report }) {
    const series = createRequestSeries(recorder, knownMethods(process.env));
    const routeOf = createExpressRoutes();
    const connections = createConnections<Response>((exchange) => guarded(() => finish(exchange, true)));

    const current = createCurrentRequest<Response>(connections.inFlight);
    const ended = createEndedRequests();

    function begin({ request, response, socket, server }: RequestMessage): void {
      if (isOwn(server)) return;
      const exchange = connections.begin(socket, response);
      exchange.series = series.of(request.method, 'encrypted' in socket && socket.encrypted === true);
      exchange.timed = !(shared && hasTwin(server));
      exchange.startMs = clock.monotonicMs();
      current.runs(exchange);
      exchange.series.inFlight++;
      exchange.series.active.add(1);
      if (schedule !== undefined) exchange.followed = schedule.beginRequest();
    }

    function finish(exchange: Exchange<Response>, aborted: boolean): void {
      const { response, series: ofMethod } = exchange;
      if (response === undefined || ofMethod === undefined) return;
      ofMethod.inFlight--;
      ofMethod.active.add(-1);
      const nowMs = clock.monotonicMs();
      ended.add(exchange.startMs, nowMs);
      exchange.followed?.end(routeNameOf(exchange, ofMethod, response));
      if (!exchange.timed) return;
      const durationMs = nowMs - exchange.startMs;
      const status = aborted && !response.headersSent ? 0 : response.statusCode;
      // An application's Meter takes no exemplars.
      const span = shared ? undefined : requestSpan(response, clock.unixMs() - durationMs);
      series
        .duration(ofMethod, exchange.route ?? routeOf(response.req), status, aborted)
        .record(durationMs / 1000, span);
    }

    function nameOf({ response, series: ofMethod, route }: Exchange<Response>): string | undefined {
      if (response === undefined || ofMethod === undefined) return undefined;
      const template = route ?? routeOf(response.req);
      return template === undefined ? ofMethod.method : `${ofMethod.method} ${template}`;
    }

    function routeNameOf({ route }: Exchange<Response>, { method }: MethodSeries, response: Response): RouteName {
      return { method, route: route ?? routeOf(response.req) ?? requestRoute(response) };
    }

    const schedule = onRoutes === undefined ? undefined : scheduleOf({ clock, report });
    const undoFollow = schedule?.followRequests({
      nameUnfinished() {
        for (const exchange of connections.inFlight()) {
          const { followed, series: ofMethod, response } = exchange;
          if (followed === undefined || ofMethod === undefined || response === undefined) continue;
          followed.name(routeNameOf(exchange, ofMethod, response));
        }
      },
      onNews(news) {
        if (onRoutes?.(news) === false) undoFollow?.();
      },
    });

    // What a subscriber throws becomes an uncaught exception of the application.
    function guarded(act: () => void): void {
      try {
        act();
      } catch (error) {
        report('an HTTP request could not be recorded', error);
      }
    }

    const onStart = (message: unknown) => guarded(() => begin(message as RequestMessage));
    const onFinish = (message: unknown) =>
      guarded(() => {
        const { response, socket } = message as RequestMessage;
        const exchange = connections.find(socket, response);
        if (exchange === undefined) return;
        finish(exchange, false);
        connections.end(socket, exchange);
      });
    const onFastifyHandler = (message: unknown) =>
      guarded(() => {
        const { reply, route } = message as FastifyMessage;
        const socket = reply?.raw?.req.socket;
        if (reply?.raw === undefined || socket === undefined || typeof route?.url !== 'string') return;
        const exchange = connections.find(socket, reply.raw);
        if (exchange === undefined) return;
        exchange.route = route.url;
        current.runs(exchange);
      });

    const subscriptions = [
      ['http.server.request.start', onStart],
      ['http.server.response.finish', onFinish],
      ['tracing:fastify.request.handler:start', onFastifyHandler],
    ] as const;
    for (const [channel, listener] of subscriptions) subscribe(channel, listener);
    onRequests({
      currentRoute(asyncId) {
        const exchange = current.find(asyncId);
        return exchange === undefined ? undefined : nameOf(exchange);
      },
      forEach(visit) {
        for (const { startMs } of connections.inFlight()) visit(startMs, Number.POSITIVE_INFINITY);
        ended.forEach(visit);
      },
    });
    let running = true;
    return {
      stop() {
        if (!running) return;
        running = false;
        onRequests(undefined);
        undoFollow?.();
        for (const [channel, listener] of subscriptions) unsubscribe(channel, listener);
        connections.clear();
        series.release();
      },
    };
  },
});

// OpenTelemetry's HTTP instrumentation wraps `emit` of the servers' prototype, at any time, and records the duration
// (0.223: always, under the same name); the requests in flight it leaves to us.
function hasTwin(server: Server): boolean {
  return (server.emit as { readonly __wrapped?: unknown }).__wrapped === true;
}
