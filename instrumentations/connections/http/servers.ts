// The servers that the process sends requests to, as attributes: the first ones by name, then `other`.
import { ATTRIBUTES } from '../../../src/metric-names.js';
import type { SeriesAttributes } from '../../../src/recorder/recorder.js';

/** Servers whose requests and connections are told apart: who fetches what clients name must not fill the store. */
export const NAMED_SERVERS = 10;
/** Servers whose queues are told apart; only clients with a limit have one. */
export const NAMED_QUEUES = 20;

/** One server, or all those that are not named. */
export interface Server {
  /** Host and port, such as `api.example.com:443`; `other` for those that are not named. */
  readonly name: string;
  readonly attributes: SeriesAttributes;
}

/** Names servers; the same server gives the same object. */
export interface ServerNames {
  of(host: string, port: number): Server;
  /** The server of an origin, such as `https://api.example.com`. */
  ofOrigin(origin: unknown): Server;
}

export const OTHER_SERVER: Server = { name: 'other', attributes: { [ATTRIBUTES.serverAddress]: 'other' } };

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const ORIGINS_KEPT = 100;

/** Creates names for the first `limit` servers. */
export function createServerNames(limit: number): ServerNames {
  const named = new Map<string, Server>();
  const origins = new Map<string, Server>();

  function of(host: string, port: number): Server {
    const address = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
    const name = `${address.includes(':') ? `[${address}]` : address}:${port}`;
    let server = named.get(name);
    if (server === undefined) {
      if (named.size >= limit) return OTHER_SERVER;
      server = { name, attributes: { [ATTRIBUTES.serverAddress]: address, [ATTRIBUTES.serverPort]: port } };
      named.set(name, server);
    }
    return server;
  }

  return {
    of,
    ofOrigin(origin) {
      const text = typeof origin === 'string' ? origin : String(origin);
      const known = origins.get(text);
      if (known !== undefined) return known;
      const { hostname, protocol, port } = new URL(text);
      const server = of(hostname, port === '' ? defaultPort(protocol) : Number(port));
      if (origins.size < ORIGINS_KEPT) origins.set(text, server);
      return server;
    },
  };
}

/** The port of a protocol such as `https:`. */
export function defaultPort(protocol: string | undefined): number {
  return DEFAULT_PORTS[protocol ?? ''] ?? 80;
}
