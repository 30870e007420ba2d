// Requests that a page of somebody else makes in the browser of somebody who may reach the endpoint.
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import type { Reply } from '../prometheus/reply.js';

/** What such a request is answered with. */
export const FOREIGN_PAGE: Reply = {
  status: 403,
  body:
    'Forbidden: this was asked for by a page of another site, or by a name that anybody can own. ' +
    'Ask for localhost or the address of this machine, or let the endpoint ask for credentials.\n',
};

/**
 * Whether a page of another site seems to ask: the browser says so, and it is no visit to the address itself; or, where
 * `isPrivate`, the endpoint is called by a name of the public DNS. Its owner can have it lead to the visitor's own machine
 * after the page was loaded, and would read what is answered (DNS rebinding).
 */
export function isForeignPage({ headers }: Pick<IncomingMessage, 'headers'>, isPrivate: boolean): boolean {
  const { host = '', 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode } = headers;
  const isForeignSite = site !== 'none' && site !== 'same-origin' && mode !== 'navigate';
  return isForeignSite || isForeignOrigin(headers) || (isPrivate && isPublicName(host));
}

/**
 * Whether a request that does more than read what is there anyway comes from elsewhere: a page of another site may lead a
 * browser, or a frame in it, to any address.
 */
export function isLedFromElsewhere({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { 'sec-fetch-site': site = 'none' } = headers;
  return site !== 'none' && site !== 'same-origin';
}

// Browsers say where a request of a page comes from, also those that do not know the other headers; nobody else does.
function isForeignOrigin({ origin, host = '' }: IncomingMessage['headers']): boolean {
  return origin !== undefined && origin.replace(/^https?:\/\//, '').toLowerCase() !== host.toLowerCase();
}

/** Whether a server that is bound there can be reached from this machine alone. */
export function isLoopback(bound: AddressInfo | string | null): boolean {
  return typeof bound === 'object' && bound !== null && /^(127\.|::1$|::ffff:127\.)/.test(bound.address);
}

/** Names that nobody can own (RFC 6761, 6762, 8375; `internal` is reserved, and what containers call their host by). */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|test|home\.arpa)$/;

// Names of one part lead to where the machine or its own network says.
function isPublicName(host: string): boolean {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  const isAddress = name.startsWith('[') || isIP(name) !== 0 || /\.\d+$/.test(name);
  return name.includes('.') && !isAddress && !PRIVATE_NAME.test(name);
}
