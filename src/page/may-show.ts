// Who may see the page: it names code and takes profiles, so that an endpoint which everybody reaches has none.
import { isIP } from 'node:net';
import { type Access, asksForIdentity } from '../access/guard.js';

/** Why there is no page, as a sentence; undefined where it may be shown. */
export function whyNoPage(host: string, access: Access | undefined): string | undefined {
  if (isLoopbackName(host) || (access !== undefined && asksForIdentity(access.loaded.rules))) return undefined;
  return (
    `the live page is not served: the endpoint is bound to ${host} and asks nobody for credentials; ` +
    'set LOOPSIGHT_TOKEN, or OTEL_EXPORTER_PROMETHEUS_HOST=127.0.0.1'
  );
}

function isLoopbackName(host: string): boolean {
  if (isIP(host) === 0) return host.toLowerCase() === 'localhost';
  return /^(127\.|::1$|::ffff:127\.)/.test(host);
}
