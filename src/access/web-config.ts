// The web configuration file of Prometheus' exporters (exporter-toolkit, docs/web-configuration.md), as far as it applies here.
import { dirname, resolve } from 'node:path';
import { readSmallFile, stampOf } from './read-file.js';
import { type RateLimit, TLS_DEFAULTS, type TlsRules, type UserSecret } from './rules.js';
import { checkTls } from './tls-check.js';
import { cipherOf, curveOf, versionOf } from './tls-names.js';
import { type Checked, openDocument } from './web-config-document.js';

/** What a web configuration file says. */
export interface WebConfig {
  readonly tls: TlsRules | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly users: readonly UserSecret[];
  readonly rateLimit: RateLimit | undefined;
  /** The files that it names. */
  readonly files: readonly NamedFile[];
}

/** A file, and what the file system said of it before it was read. */
interface NamedFile {
  readonly path: string;
  readonly stamp: string;
}

/** bcrypt takes 2^cost rounds: this is 2 to 3 seconds. */
const MAX_BCRYPT_COST = 15;

const HEADERS: Readonly<Record<string, readonly string[] | undefined>> = {
  'Content-Security-Policy': undefined,
  'X-Frame-Options': ['deny', 'sameorigin'],
  'X-Content-Type-Options': ['nosniff'],
  'X-XSS-Protection': undefined,
  'Strict-Transport-Security': undefined,
};

/**
 * Takes the parsed `document` of the file at `path`. Throws a TypeError that quotes `name`, the path, the key and, where
 * it is no secret, the value.
 */
export function readWebConfig(document: unknown, path: string, name: string): WebConfig {
  const root = openDocument(document, `the file "${path}" of \`${name}\``);
  root.keys(['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit']);
  const files: NamedFile[] = [];
  const tls = root.section('tls_server_config');
  return {
    tls: tls === undefined ? undefined : readTls(tls, dirname(path), files),
    headers: readHeaders(root.section('http_server_config')),
    users: readUsers(root.section('basic_auth_users')),
    rateLimit: readRateLimit(root.section('rate_limit')),
    files,
  };
}

function readTls(section: Checked, folder: string, files: NamedFile[]): TlsRules | undefined {
  section.keys([
    ...[
      'cert',
      'key',
      'client_ca',
      'cert_file',
      'key_file',
      'client_ca_file',
      'client_auth_type',
      'client_allowed_sans',
    ],
    ...['min_version', 'max_version', 'cipher_suites', 'prefer_server_cipher_suites', 'curve_preferences'],
  ]);
  const part = (key: 'cert' | 'key' | 'client_ca'): { readonly pem: string | undefined; readonly name: string } => {
    const file = section.text(`${key}_file`);
    if (file === undefined) return { pem: section.secret(key), name: section.nameOf(key) };
    if (section.secret(key) !== undefined) throw section.refusal(key, `absent beside ${key}_file`, 'both');
    const path = resolve(folder, file);
    files.push({ path, stamp: stampOf([path]) });
    const name = section.nameOf(`${key}_file`);
    return { pem: readSmallFile(path, name.replaceAll('`', '')), name: `${name} ("${path}")` };
  };
  const [cert, key, clientCa] = [part('cert'), part('key'), part('client_ca')];
  const policy = section.text('client_auth_type') ?? 'NoClientCert';
  if (cert.pem === undefined && key.pem === undefined && clientCa.pem === undefined && policy === 'NoClientCert') {
    return undefined;
  }
  if (cert.pem === undefined) throw section.refusal('cert_file', 'there', 'neither it nor cert');
  if (key.pem === undefined) throw section.refusal('key_file', 'there', 'neither it nor key');
  // The others let everybody in who makes a certificate of his own, or shows none.
  if (policy !== 'NoClientCert' && policy !== 'RequireAndVerifyClientCert') {
    throw section.refusal('client_auth_type', 'NoClientCert or RequireAndVerifyClientCert', `"${policy}"`);
  }
  const requires = policy === 'RequireAndVerifyClientCert';
  if (requires !== (clientCa.pem !== undefined)) {
    const wanted = 'RequireAndVerifyClientCert together with client_ca_file, or neither';
    throw section.refusal('client_auth_type', wanted, `"${policy}" ${requires ? 'without' : 'with'} one`);
  }
  const clientNames = section.list('client_allowed_sans');
  if (clientNames !== undefined && !requires) {
    throw section.refusal(
      'client_allowed_sans',
      'with client_auth_type RequireAndVerifyClientCert',
      `it with "${policy}"`,
    );
  }
  const ciphers = section.list('cipher_suites')?.map((suite) => section.known('cipher_suites', suite, cipherOf));
  const curves = section.list('curve_preferences')?.map((curve) => section.known('curve_preferences', curve, curveOf));
  const version = (key: 'min_version' | 'max_version') => {
    const given = section.text(key);
    return given === undefined
      ? TLS_DEFAULTS[key === 'min_version' ? 'minVersion' : 'maxVersion']
      : section.known(key, given, versionOf);
  };
  const [minVersion, maxVersion] = [version('min_version'), version('max_version')];
  // Their names are in the order of their age. Nobody could connect, and nothing would say why.
  if (minVersion > maxVersion) throw section.refusal('max_version', `at least min_version (${minVersion})`, maxVersion);
  const tls: TlsRules = {
    cert: cert.pem,
    key: key.pem,
    clientCa: clientCa.pem,
    clientNames,
    minVersion,
    maxVersion,
    ciphers: ciphers === undefined || ciphers.length === 0 ? undefined : ciphers.join(':'),
    honorCipherOrder: section.flag('prefer_server_cipher_suites') ?? true,
    ecdhCurve: curves === undefined || curves.length === 0 ? undefined : curves.join(':'),
  };
  checkTls(tls, { cert: cert.name, key: key.name, clientCa: clientCa.name, rest: section.name });
  return tls;
}

function readHeaders(section: Checked | undefined): Record<string, string> {
  section?.keys(['http2', 'headers']);
  // It is checked and has no effect: scrapers take HTTP/1.1 as well.
  section?.flag('http2');
  const headers = section?.section('headers');
  headers?.keys(Object.keys(HEADERS));
  const found: Record<string, string> = {};
  for (const [header, allowed] of Object.entries(HEADERS)) {
    const value = headers?.text(header);
    if (headers === undefined || value === undefined || value === '') continue;
    if (allowed !== undefined && !allowed.includes(value))
      throw headers.refusal(header, allowed.join(' or '), `"${value}"`);
    if (!/^[\t -~]+$/.test(value)) throw headers.refusal(header, 'a text of one line', 'something else');
    found[header] = value;
  }
  return found;
}

function readUsers(section: Checked | undefined): UserSecret[] {
  return (section?.allKeys() ?? []).map((user) => {
    const secret = section?.secret(user) ?? '';
    const cost = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(secret)?.[1];
    if (section !== undefined && (cost === undefined || Number(cost) < 4 || Number(cost) > MAX_BCRYPT_COST)) {
      const found = cost === undefined ? 'something else' : `one of cost ${Number(cost)}`;
      throw section.refusal(user, `a bcrypt hash of cost 4 to ${MAX_BCRYPT_COST}`, found);
    }
    return { user, secret };
  });
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function readRateLimit(section: Checked | undefined): RateLimit | undefined {
  section?.keys(['interval', 'burst']);
  const interval = section?.text('interval') ?? '0';
  if (section === undefined || /^0+[a-zµ]*$/.test(interval)) return undefined;
  const parts = [...interval.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== interval) {
    throw section.refusal('interval', 'a duration such as "1s"', `"${interval}"`);
  }
  const intervalMs = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS_MS[unit] ?? 0), 0);
  const burst = section.whole('burst') ?? 0;
  if (burst < 1) throw section.refusal('burst', 'an integer of at least 1', `\`${burst}\``);
  return { intervalMs, burst };
}
