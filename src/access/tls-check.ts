// Whether a certificate, its key and the certificates of clients fit together, told in a sentence before anybody connects.
import type { TlsRules } from './rules.js';

/** What each part is called in errors, such as `` `tlsKeyFile` ("/etc/tls.key") ``. */
export interface TlsNames {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string;
  /** What names ciphers and curves. */
  readonly rest: string;
}

/** Throws a TypeError that quotes the name of the part that cannot be used, never what is in it. */
export function checkTls(tls: TlsRules, names: TlsNames): void {
  // Asked for here, because only who uses TLS should pay for loading them.
  const { createPrivateKey, X509Certificate } = process.getBuiltinModule('node:crypto');
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  const certificate = attempt(() => new X509Certificate(tls.cert), names.cert, 'a certificate in PEM format');
  const key = attempt(() => createPrivateKey(tls.key), names.key, 'a private key in PEM format without a passphrase');
  if (!certificate.checkPrivateKey(key)) {
    throw new TypeError(`Expected ${names.key} to hold the private key of ${names.cert}, got the key of another one`);
  }
  if (tls.clientCa !== undefined) {
    const { clientCa } = tls;
    attempt(() => new X509Certificate(clientCa), names.clientCa, 'certificates in PEM format');
  }
  attempt(
    () => createSecureContext(secureContextOptions(tls)),
    names.rest,
    'ciphers, curves and versions that go together',
  );
}

/** The options of `tls.createSecureContext`. */
export function secureContextOptions(tls: TlsRules) {
  const { cert, key, clientCa, minVersion, maxVersion, ciphers, honorCipherOrder, ecdhCurve } = tls;
  return {
    cert,
    key,
    minVersion,
    maxVersion,
    honorCipherOrder,
    ...(clientCa === undefined ? {} : { ca: clientCa }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(ecdhCurve === undefined ? {} : { ecdhCurve }),
  };
}

function attempt<T>(make: () => T, name: string, wanted: string): T {
  try {
    return make();
  } catch (error) {
    const { code } = Object(error) as { readonly code?: unknown };
    throw new TypeError(`Expected ${name} to hold ${wanted}, got something else (${String(code ?? 'not understood')})`);
  }
}
