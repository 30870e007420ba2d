// Certificates for tests, made by openssl: an authority, and what it issues.
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Why there can be none here. */
export const noOpenssl: string | false =
  spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed';

/** Files of a certificate and its key. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Makes an authority in `folder`. */
export function makeAuthority(folder: string, name: string): Pair {
  const pair = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  openssl('req', '-x509', ...CURVE, '-keyout', pair.key, '-out', pair.cert, '-days', '30', '-subj', `/CN=${name}`);
  return pair;
}

/** Makes a certificate with the alternative names `names`, such as `DNS:localhost`. */
export function issue(folder: string, authority: Pair, name: string, names: string): Pair {
  const pair = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  openssl('req', ...CURVE, '-keyout', pair.key, '-out', request, '-subj', `/CN=${name}`);
  writeFileSync(extensions, `subjectAltName=${names}\n`);
  const signed = ['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial', '-days', '30'];
  openssl('x509', '-req', '-in', request, ...signed, '-extfile', extensions, '-out', pair.cert);
  return pair;
}
