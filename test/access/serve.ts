// An endpoint with rules of access, and requests to it.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { TestContext } from 'node:test';
import type { AccessOptions } from '../../src/access/access-options.js';
import { ACCESS_NAMES, type AccessValues } from '../../src/access/access-options.js';
import { createGuard, type Guard } from '../../src/access/guard.js';
import { loadRules } from '../../src/access/load-rules.js';
import { OPEN_PATHS } from '../../src/access/server-guard.js';
import { accessSettings } from '../../src/access/settings.js';
import { systemClock } from '../../src/clock.js';
import { healthRoutes } from '../../src/observer/health.js';
import { type MetricsServer, type ServerOptions, startServer } from '../../src/prometheus/server.js';

/** Files of the packages that a web configuration file needs. */
export type Packages = { readonly yaml: string | undefined; readonly bcryptjs: string | undefined };

export interface Protected {
  readonly server: MetricsServer;
  readonly guard: Guard;
  /** What was said of changed files. */
  readonly said: string[];
  /** Lets time pass for the guard. */
  pass(ms: number): void;
}

/** Options with nothing left open. */
export function valuesOf(options: AccessOptions): AccessValues {
  return Object.fromEntries(ACCESS_NAMES.map((name) => [name, options[name]])) as AccessValues;
}

/** Serves with the rules of `options`. */
export async function serveWith(
  t: Pick<TestContext, 'after'>,
  options: AccessOptions,
  more: Partial<ServerOptions> & { readonly packages?: Packages } = {},
): Promise<Protected> {
  const { packages, ...serverOptions } = more;
  const found = accessSettings(valuesOf(options), { given: options });
  if (found === undefined) throw new Error('there are no rules');
  const settings = packages === undefined ? found : { ...found, packages };
  const said: string[] = [];
  let aheadMs = 0;
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
  const guard = createGuard({ settings, loaded: loadRules(settings), clock, say: (sentence) => said.push(sentence) });
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    collect: async () => 'up 1\n',
    onError: () => {},
    guard,
    open: OPEN_PATHS,
    routes: healthRoutes({ unhealthyAfterMs: 0, ongoing: () => [], brief: true }),
    ...serverOptions,
  });
  t.after(() => server.close());
  return {
    server,
    guard,
    said,
    pass(ms) {
      aheadMs += ms;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks for `path`; rejects where the connection fails. */
export function ask(
  { host, port, url }: MetricsServer,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  more: RequestOptions = {},
): Promise<Answer> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send({ host, port, path, headers, agent: false, ...more }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.on('error', reject);
    request.end();
  });
}

export const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
export const bearer = (token: string) => ({
  authorization: `Bearer ${Buffer.from(token).toString('latin1')}`,
});
