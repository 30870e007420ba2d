// The HTTP endpoint that Prometheus scrapes: a thin layer over a function that returns the exposition.
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Guard } from '../access/guard.js';
import type { ServerLimits } from '../access/limits.js';
import { contentTypeOf, type Format } from './format.js';
import { negotiateFormat } from './negotiation.js';
import { closeServer, createRouteServer, listen, type Reply, type Routes, tell } from './routes.js';

/** The path that is scraped, unless another one is given. */
export const METRICS_PATH = '/metrics';

export interface ServerOptions {
  /** Address or name to bind to, for example `127.0.0.1` or `::`. */
  readonly host: string;
  /** Port to bind to; 0 picks a free one. */
  readonly port: number;
  /** The path that is scraped. @default METRICS_PATH */
  readonly path?: string | undefined;
  /** Returns the exposition in the format that the scraper asks for; a throw or rejection is answered with 500. */
  readonly collect: (format: Format) => Promise<string | Iterable<string>>;
  /** Whether answers are compressed for who asks for it, which takes time of the calling thread. @default false */
  readonly gzip?: boolean | undefined;
  /** What is served beside the metrics. @default nothing */
  readonly routes?: Routes | undefined;
  /** Paths of `routes` that everybody is answered. @default none */
  readonly open?: readonly string[] | undefined;
  /** What those see at a path who are not let in. @default the denial itself */
  readonly onDenial?: ((path: string, denial: Reply) => Reply) | undefined;
  /** Decides who is answered, and brings TLS. @default everybody, plain HTTP */
  readonly guard?: Guard | undefined;
  /** @default SERVER_LIMITS */
  readonly limits?: Partial<ServerLimits> | undefined;
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
  const { host, port, path = METRICS_PATH, unref = false, routes = {}, guard, open = [], limits, onDenial } = options;
  const onError = (error: unknown) => tell(options, error);
  const server = createRouteServer({
    unref,
    onError,
    guard,
    onDenial,
    // Whoever puts the metrics in the place of a health path does not mean everybody to read them.
    open: open.filter((other) => other !== path),
    limits,
    notFound: `Not found; metrics are at ${path}\n`,
    routes: {
      '/': () => ({
        status: 200,
        body: `Loopsight: what the event loop of this Node.js process does.\nMetrics are at ${path}\n`,
      }),
      ...routes,
      [path]: (request) => scrape(request, options),
    },
  });
  // Exclusive: cluster workers that shared a port would answer scrapes with the figures of one of them by turns.
  await listen(server, { host, port, exclusive: true });
  server.on('error', onError);
  const bound = server.address();
  if (bound === null || typeof bound === 'string')
    throw new Error('unreachable: a listening TCP server has an address');
  let closing: Promise<void> | undefined;
  return {
    host: bound.address,
    port: bound.port,
    url: `${guard?.tls === undefined ? 'http' : 'https'}://${hostInUrl(bound.address)}:${bound.port}${path}`,
    close() {
      closing ??= closeServer(server);
      return closing;
    },
  };
}

/** Answers a scrape, in whatever server it comes in. Never rejects. */
export async function scrape(
  request: Pick<IncomingMessage, 'headers'>,
  options: Pick<ServerOptions, 'collect' | 'gzip' | 'onError'>,
): Promise<Reply> {
  try {
    const format = negotiateFormat(request.headers.accept);
    return {
      status: 200,
      body: await options.collect(format),
      type: contentTypeOf(format),
      vary: ['Accept', 'Accept-Encoding'],
      gzip: options.gzip ?? false,
    };
  } catch (error) {
    tell(options, error);
    return { status: 500, body: 'The metrics could not be collected.\n' };
  }
}

function hostInUrl(address: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost';
  return isIPv6(address) ? `[${address.replace('%', '%25')}]` : address;
}
