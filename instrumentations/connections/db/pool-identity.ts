// Which pool it is, by what its configuration says: never who connects, nor with which password.
import { ATTRIBUTES } from '../../../src/metric-names.js';
import type { SeriesAttributes } from '../../../src/recorder/recorder.js';

/** What is known of a pool. */
export interface PoolIdentity {
  /** The name of the pool where it has one. @default database, else server, else system (as the conventions say) */
  readonly name?: string | undefined;
  /** The database system, as `db.system.name` says it. */
  readonly system?: string | undefined;
  /** The database. */
  readonly namespace?: unknown;
  /** Host, or the path of a socket. */
  readonly address?: unknown;
  readonly port?: unknown;
  /** The port that need not be said. */
  readonly defaultPort?: number;
}

// Names and addresses of a configuration are short; what is not one of them must not become a label.
const LONGEST = 255;

/** The attributes of all series of a pool, by the conventions for databases. */
export function poolAttributes(identity: PoolIdentity): SeriesAttributes {
  const { system, defaultPort } = identity;
  const namespace = textOf(identity.namespace);
  const address = textOf(identity.address);
  const port = portOf(identity.port);
  const server = address === undefined || port === undefined ? address : `${bracketed(address)}:${port}`;
  const name = textOf(identity.name) ?? namespace ?? server ?? system ?? 'unknown';
  return {
    [ATTRIBUTES.dbClientConnectionPoolName]: name,
    ...(system === undefined ? {} : { [ATTRIBUTES.dbSystemName]: system }),
    ...(namespace === undefined ? {} : { [ATTRIBUTES.dbNamespace]: namespace }),
    ...(address === undefined ? {} : { [ATTRIBUTES.serverAddress]: address }),
    ...(address === undefined || port === undefined || port === defaultPort ? {} : { [ATTRIBUTES.serverPort]: port }),
  };
}

/** Host and port of a server in one string, such as `127.0.0.1:6379`. */
export function serverName(address: unknown, port: unknown): string | undefined {
  const host = textOf(address);
  const number = portOf(port);
  return host === undefined || number === undefined ? host : `${bracketed(host)}:${number}`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST ? value : undefined;
}

function portOf(value: unknown): number | undefined {
  const port = Number(value);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function bracketed(address: string): string {
  return address.includes(':') && !address.startsWith('[') && !address.startsWith('/') ? `[${address}]` : address;
}
