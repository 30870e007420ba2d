// What the files and variables say, read at one moment.

/** Who may scrape, how, and what is added to answers. Plain data. */
export interface AccessRules {
  readonly tokens: readonly string[];
  readonly passwords: readonly UserSecret[];
  /** Passwords as bcrypt hashes. */
  readonly hashes: readonly UserSecret[];
  /** Undefined for plain HTTP. */
  readonly tls: TlsRules | undefined;
  /** Added to every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rateLimit: RateLimit | undefined;
}

export interface UserSecret {
  readonly user: string;
  readonly secret: string;
}

export interface RateLimit {
  readonly intervalMs: number;
  readonly burst: number;
}

/** TLS as `node:tls` takes it. */
export interface TlsRules {
  /** PEM, as the next three. */
  readonly cert: string;
  readonly key: string;
  /** With these a client must show a certificate of theirs. */
  readonly clientCa: string | undefined;
  /** Names, one of which the client's certificate must have; with undefined any will do. */
  readonly clientNames: readonly string[] | undefined;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** Suites before TLS 1.3, in OpenSSL's names; undefined for Node's. */
  readonly ciphers: string | undefined;
  readonly honorCipherOrder: boolean;
  /** Curves in OpenSSL's names; undefined for Node's. */
  readonly ecdhCurve: string | undefined;
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** TLS with a certificate alone. */
export const TLS_DEFAULTS = {
  clientCa: undefined,
  clientNames: undefined,
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: undefined,
  honorCipherOrder: true,
  ecdhCurve: undefined,
} as const satisfies Partial<TlsRules>;
