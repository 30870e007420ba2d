// Who may scrape the endpoint: the options, and what the endpoint is started with.
import { text, type ValueKind } from '../option-values.js';
import { secret } from './secret.js';

/** Options of `start` that say who may scrape the endpoint; where several are given, any of the credentials will do. */
export interface AccessOptions {
  /** Scrapes must show this as a bearer token. @default none */
  readonly token?: string;
  /** File with the bearer token; read again when it changes. @default none */
  readonly tokenFile?: string;
  /** Name for basic authentication, with a password. @default none */
  readonly username?: string;
  /** Password for basic authentication. @default none */
  readonly password?: string;
  /** File with the password; read again when it changes. @default none */
  readonly passwordFile?: string;
  /** File with the certificate (PEM) that turns TLS on; read again when it changes. @default none */
  readonly tlsCertFile?: string;
  /** File with the private key (PEM) of the certificate. @default none */
  readonly tlsKeyFile?: string;
  /** File with certificates (PEM): clients must show one that was issued by one of these. @default none */
  readonly tlsClientCaFile?: string;
  /** File in the format of Prometheus' exporters (`--web.config.file`); needs the packages yaml and bcryptjs. @default none */
  readonly webConfigFile?: string;
}

export type AccessName = keyof AccessOptions;

/** The options as they were given. */
export type AccessValues = { readonly [name in AccessName]: string | undefined };

export interface AccessDefinition<N extends AccessName> {
  readonly option: N;
  readonly variable: string;
  readonly kind: ValueKind<string>;
  readonly defaultText: string;
  readonly description: string;
  readonly inFile?: string;
}

function define<N extends AccessName>(
  option: N,
  variable: string,
  kind: ValueKind<string>,
  description: string,
): AccessDefinition<N> {
  // A file of options is kept with the code, where no secret should be.
  const inFile = kind === secret ? `give ${variable}, or ${option}File` : undefined;
  return { option, variable, kind, defaultText: 'none', description, ...(inFile === undefined ? {} : { inFile }) };
}

/** The options and their variables, in the order of the docs. */
export const ACCESS_OPTIONS = {
  token: define(
    'token',
    'LOOPSIGHT_TOKEN',
    secret,
    'Scrapes must show this as a bearer token ([security.md](security.md)).',
  ),
  tokenFile: define(
    'tokenFile',
    'LOOPSIGHT_TOKEN_FILE',
    text,
    'File with the bearer token; read again when it changes.',
  ),
  username: define('username', 'LOOPSIGHT_USERNAME', text, 'Name for basic authentication, with a password.'),
  password: define('password', 'LOOPSIGHT_PASSWORD', secret, 'Password for basic authentication.'),
  passwordFile: define(
    'passwordFile',
    'LOOPSIGHT_PASSWORD_FILE',
    text,
    'File with the password; read again when it changes.',
  ),
  tlsCertFile: define(
    'tlsCertFile',
    'LOOPSIGHT_TLS_CERT_FILE',
    text,
    'File with the certificate (PEM) that turns TLS on; read again when it changes.',
  ),
  tlsKeyFile: define(
    'tlsKeyFile',
    'LOOPSIGHT_TLS_KEY_FILE',
    text,
    'File with the private key (PEM) of the certificate.',
  ),
  tlsClientCaFile: define(
    'tlsClientCaFile',
    'LOOPSIGHT_TLS_CLIENT_CA_FILE',
    text,
    'File with certificates (PEM): clients must show one that was issued by one of these.',
  ),
  webConfigFile: define(
    'webConfigFile',
    'LOOPSIGHT_WEB_CONFIG_FILE',
    text,
    "File in the format of Prometheus' exporters (`--web.config.file`); needs the packages `yaml` and, for passwords, `bcryptjs`.",
  ),
} as const;

export const ACCESS_NAMES = Object.keys(ACCESS_OPTIONS) as readonly AccessName[];

/** Everybody may scrape. */
export const NO_ACCESS: AccessValues = {
  token: undefined,
  tokenFile: undefined,
  username: undefined,
  password: undefined,
  passwordFile: undefined,
  tlsCertFile: undefined,
  tlsKeyFile: undefined,
  tlsClientCaFile: undefined,
  webConfigFile: undefined,
};
