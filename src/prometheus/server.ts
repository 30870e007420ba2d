// The HTTP endpoint that Prometheus scrapes: a thin layer over a function that returns the exposition.
import { isIPv6 } from 'node:net';
import { closeServer, createRouteServer, listen, type Reply, type Routes } from './routes.js';

/** The content type of the Prometheus text format 0.0.4. */
export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The path that is scraped. */
export const METRICS_PATH = '/metrics';

export interface ServerOptions {
  /** Address or name to bind to, for example `127.0.0.1` or `::`. */
  readonly host: string;
  /** Port to bind to; 0 picks a free one. */
  readonly port: number;
  /** Returns the exposition; a throw or rejection is answered with 500. */
  readonly collect: () => Promise<string>;
  /** What is served beside the metrics. @default nothing */
  readonly routes?: Routes | undefined;
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
  const { host, port, unref = false, routes = {} } = options;
  const onError = (error: unknown) => tell(options, error);
  const server = createRouteServer({
    unref,
    onError,
    notFound: `Not found; metrics are at ${METRICS_PATH}\n`,
    routes: {
      ...routes,
      '/': () => ({
        status: 200,
        body: `Loopsight: what the event loop of this Node.js process does.\nMetrics are at ${METRICS_PATH}\n`,
      }),
      [METRICS_PATH]: () => scrape(options),
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
    url: `http://${hostInUrl(bound.address)}:${bound.port}${METRICS_PATH}`,
    close() {
      closing ??= closeServer(server);
      return closing;
    },
  };
}

async function scrape(options: ServerOptions): Promise<Reply> {
  try {
    return { status: 200, body: await options.collect(), type: TEXT_CONTENT_TYPE };
  } catch (error) {
    tell(options, error);
    return { status: 500, body: 'The metrics could not be collected.\n' };
  }
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
