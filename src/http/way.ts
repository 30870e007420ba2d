// How a request gets to its server: directly, by a proxy that forwards it, or through a tunnel that a proxy opens.
import { type ClientRequestArgs, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { credentialsFor, placeOf, senderTo } from './proxy-server.js';
import { type Certificate, openTunnel } from './tunnel.js';

/** What a server, or what stands before it, wants besides credentials. */
export interface Transport {
  /** Further headers of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly certificate?: Certificate | undefined;
  /** The proxy, from `proxyFor`. */
  readonly proxy?: URL | undefined;
}

/** The function that sends, and its options. */
export interface Way {
  readonly send: typeof httpRequest;
  readonly options: ClientRequestArgs;
}

/** Finds the way to `url`, and opens a tunnel if it takes one. Rejects with UnreadableData, or an error of the network. */
export async function findWay(url: URL, transport: Transport, signal: AbortSignal): Promise<Way> {
  const { proxy, certificate } = transport;
  const direct = { ...urlToHttpOptions(url), ...certificate, agent: false };
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  if (proxy === undefined) return { send, options: direct };
  if (url.protocol === 'https:') {
    const socket = await openTunnel(url, proxy, certificate, signal);
    // An agent would open a connection of its own.
    return { send, options: { ...direct, agent: undefined, createConnection: () => socket } };
  }
  const whole = new URL(url);
  whole.username = '';
  whole.password = '';
  return {
    send: senderTo(proxy),
    options: {
      ...placeOf(proxy),
      path: whole.href,
      // What the proxy is given as a user and password is not what the server is.
      ...(direct.auth === undefined || direct.auth === null ? {} : { auth: direct.auth }),
      headers: { host: url.host, ...credentialsFor(proxy) },
    },
  };
}
