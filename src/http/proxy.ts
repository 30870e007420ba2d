// The proxy on the way to a server, from the variables that curl and Go read as well.
import { BlockList, isIP, isIPv6 } from 'node:net';
import { printable } from '../status/wording.js';

type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * The proxy that `http_proxy` or `https_proxy` names for a URL, in small letters or capitals, unless `no_proxy` names its
 * host or it is this machine. Throws a TypeError that names the variable, never what is secret in it.
 *
 * @example
 * ```ts
 * proxyFor(new URL('https://metrics.example.com'), { HTTPS_PROXY: 'proxy:3128' })?.href; // 'http://proxy:3128/'
 * ```
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const variable = `${url.protocol.slice(0, -1)}_proxy`;
  const name = isSet(environment[variable]) ? variable : variable.toUpperCase();
  const given = environment[name]?.trim();
  if (!isSet(given) || isExempt(url, environment.no_proxy ?? environment.NO_PROXY ?? '')) return undefined;
  const text = given.includes('://') ? given : `http://${given}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined || !/^https?:$/.test(proxy.protocol)) {
    const shown = printable(given.replace(/^(.*:\/\/)?.*@/, '$1'), 200);
    throw new TypeError(`Expected \`${name}\` to be an http URL or host:port, got "${shown}"`);
  }
  return proxy;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}

function isExempt(url: URL, exceptions: string): boolean {
  const host = bare(url.hostname);
  if (host === 'localhost' || host.endsWith('.localhost') || isWithin(LOOPBACK, host)) return true;
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return exceptions
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => names(entry.toLowerCase(), host, port));
}

/** `*`, a host with all below it, an address, a network (`10.0.0.0/8`), each with or without a port. */
function names(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, network, bits] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (network !== undefined) return isWithin(networkOf(network, Number(bits)), host);
  const [, before = entry, wanted = port] = isIPv6(entry) ? [] : (/^(.*):(\d+)$/.exec(entry) ?? []);
  const name = bare(before.replace(/^\*?\./, ''));
  return wanted === port && name !== '' && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

function networkOf(address: string, bits: number): BlockList {
  const list = new BlockList();
  const family = isIP(address);
  if (family !== 0 && bits <= (family === 4 ? 32 : 128)) list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  return list;
}

function isWithin(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** A host without the brackets of IPv6 and the dot of a whole name. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}
