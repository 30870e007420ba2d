// Reads the rules from values and files, at the start and again when a file changed.
import { createPackageRequire } from '../traces/installed-packages.js';
import type { AccessName } from './access-options.js';
import { readSecretFile, readSmallFile, stampOf } from './read-file.js';
import { type AccessRules, TLS_DEFAULTS, type TlsRules, type UserSecret } from './rules.js';
import type { AccessSettings } from './settings.js';
import { checkTls } from './tls-check.js';
import { readWebConfig, type WebConfig } from './web-config.js';

/** Rules and the files that they were read from. Plain data. */
export interface LoadedRules {
  readonly rules: AccessRules;
  readonly files: readonly string[];
  /** What the file system said of the files before they were read. */
  readonly stamp: string;
}

const NO_WEB_CONFIG: WebConfig = { tls: undefined, headers: {}, users: [], rateLimit: undefined, files: [] };

/** Throws a TypeError with one sentence that quotes the option or variable and the file, never a secret. */
export function loadRules(settings: AccessSettings): LoadedRules {
  const { values, names } = settings;
  const own = (['tokenFile', 'passwordFile', 'tlsCertFile', 'tlsKeyFile', 'tlsClientCaFile', 'webConfigFile'] as const)
    .map((name) => values[name])
    .filter((path) => path !== undefined);
  // Before they are read: what changes meanwhile is then read again.
  const ownStamp = stampOf(own);
  const webConfig = values.webConfigFile === undefined ? NO_WEB_CONFIG : loadWebConfig(settings, values.webConfigFile);
  const token = values.token?.trim() ?? secretOf(settings, 'tokenFile');
  const password = values.password ?? secretOf(settings, 'passwordFile');
  const tls = loadTls(settings);
  if (tls !== undefined && webConfig.tls !== undefined) {
    throw new TypeError(
      `Expected a certificate in one of \`${names.tlsCertFile}\` and \`${names.webConfigFile}\`, got both`,
    );
  }
  const passwords: UserSecret[] =
    values.username === undefined || password === undefined ? [] : [{ user: values.username, secret: password }];
  return {
    rules: {
      tokens: token === undefined ? [] : [token],
      passwords,
      hashes: webConfig.users,
      tls: tls ?? webConfig.tls,
      headers: webConfig.headers,
      rateLimit: webConfig.rateLimit,
    },
    files: [...own, ...webConfig.files.map(({ path }) => path)],
    stamp: [...(own.length === 0 ? [] : [ownStamp]), ...webConfig.files.map(({ stamp }) => stamp)].join(),
  };
}

/** What `LoadedRules.stamp` is now. */
export function currentStamp({ files }: LoadedRules): string {
  return stampOf(files);
}

function secretOf({ values, names }: AccessSettings, name: AccessName): string | undefined {
  const path = values[name];
  return path === undefined ? undefined : readSecretFile(path, names[name]);
}

function loadTls({ values, names }: AccessSettings): TlsRules | undefined {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile } = values;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined;
  const tls: TlsRules = {
    ...TLS_DEFAULTS,
    cert: readSmallFile(tlsCertFile, names.tlsCertFile),
    key: readSmallFile(tlsKeyFile, names.tlsKeyFile),
    clientCa: tlsClientCaFile === undefined ? undefined : readSmallFile(tlsClientCaFile, names.tlsClientCaFile),
  };
  const called = (name: AccessName) => `\`${names[name]}\` ("${values[name]}")`;
  const cert = called('tlsCertFile');
  checkTls(tls, { cert, key: called('tlsKeyFile'), clientCa: called('tlsClientCaFile'), rest: cert });
  return tls;
}

function loadWebConfig({ names, packages }: AccessSettings, path: string): WebConfig {
  const name = names.webConfigFile;
  if (packages.yaml === undefined) throw missing(name, 'yaml');
  const { parse } = createPackageRequire(packages.yaml)(packages.yaml) as {
    parse(text: string, options: object): unknown;
  };
  const text = readSmallFile(path, name);
  let document: unknown;
  try {
    // No more aliases than a file for people has: they can make a small file a huge document.
    document = parse(text, { maxAliasCount: 16, logLevel: 'error' });
  } catch (error) {
    // Its messages quote lines of the file, which may hold a secret.
    const { code, linePos } = Object(error) as {
      readonly code?: unknown;
      readonly linePos?: readonly { readonly line: number }[];
    };
    const line = linePos?.[0]?.line;
    const found = `${String(code ?? 'not understood')}${line === undefined ? '' : ` in line ${line}`}`;
    throw new TypeError(`Expected \`${name}\` to name a file in YAML, got "${path}" (${found})`);
  }
  const config = readWebConfig(document, path, name);
  if (config.users.length > 0 && packages.bcryptjs === undefined) throw missing(name, 'bcryptjs');
  return config;
}

function missing(name: string, wanted: string): TypeError {
  return new TypeError(
    `Expected the package ${wanted} to be installed for \`${name}\` (npm install ${wanted}), got no such package`,
  );
}
