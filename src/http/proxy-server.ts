// What a proxy is asked with, and what its refusal means.
import { type ClientRequestArgs, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { printable } from '../status/wording.js';

/** A proxy as it may be shown. */
export function shownProxy({ origin }: URL): string {
  return printable(origin, 200);
}

/** Why a proxy did not do `what`, by the status of its answer. */
export function describeRefusal(proxy: URL, status: number | undefined, what: string): string {
  return status === 407
    ? `${shownProxy(proxy)} asks for credentials: they belong into the proxy's URL, as in http://user:password@proxy:3128.`
    : `${shownProxy(proxy)} did not ${what} (status ${status}).`;
}

/** The function that sends to it. */
export function senderTo({ protocol }: URL): typeof httpRequest {
  return protocol === 'https:' ? httpsRequest : httpRequest;
}

/** Where it is. */
export function placeOf(proxy: URL): ClientRequestArgs {
  const { protocol, hostname, port } = urlToHttpOptions(proxy);
  return { protocol, hostname, port, agent: false } as ClientRequestArgs;
}

/** The header with the credentials of its URL. */
export function credentialsFor({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {};
  const both = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(both).toString('base64')}` };
}
