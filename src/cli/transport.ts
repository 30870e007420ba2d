// What a request needs besides credentials: further headers, a client's certificate, a proxy; from variables.
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { createSecureContext } from 'node:tls';
import { readSmallFile } from '../access/read-file.js';
import { proxyFor } from '../http/proxy.js';
import type { Transport } from '../http/way.js';
import { attributeMap } from '../option-values.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What would change what is sent, rather than say who asks. */
const OWN_HEADERS = /^(?:host|connection|content-.*|transfer-encoding|accept.*|expect|upgrade|te|trailer)$/i;

/**
 * The variables that begin with `prefix`, and those that name a proxy, for requests to `url`. Throws a TypeError that
 * names the variable.
 */
export function transportFrom(environment: Environment, prefix: string, url: URL): Transport {
  return {
    headers: readHeaders(environment[`${prefix}_HEADERS`] ?? '', `${prefix}_HEADERS`),
    certificate: readCertificate(environment, prefix),
    proxy: proxyFor(url, environment),
  };
}

function readHeaders(given: string, variable: string): Readonly<Record<string, string>> {
  const headers = attributeMap.parse(given, variable);
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new TypeError(`Expected \`${variable}\` to have names and values of HTTP headers, got \`${name}\``);
    }
    if (OWN_HEADERS.test(name)) throw new TypeError(`Expected \`${variable}\` to leave \`${name}\` alone`);
  }
  return headers;
}

function readCertificate(environment: Environment, prefix: string): Transport['certificate'] {
  const [cert, key] = [`${prefix}_CERT_FILE`, `${prefix}_KEY_FILE`].map((variable) => {
    const path = environment[variable] ?? '';
    return path.trim() === '' ? undefined : readSmallFile(path, variable);
  });
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const missing = `${prefix}_${cert === undefined ? 'CERT' : 'KEY'}_FILE`;
    throw new TypeError(`Expected \`${missing}\` to be set as well: a client has a certificate and its key`);
  }
  try {
    createSecureContext({ cert, key });
  } catch {
    throw new TypeError(
      `Expected \`${prefix}_CERT_FILE\` and \`${prefix}_KEY_FILE\` to name a certificate and its key in PEM`,
    );
  }
  return { cert, key };
}
