// What an Authorization header shows (RFC 9110, 6750, 7617), and comparing it in a time that tells nothing of the secret.

/** Credentials of a request. */
export type Credentials =
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'basic'; readonly user: string; readonly secret: string };

/** Reads the header; undefined where it shows nothing that we know. Never throws. */
export function readCredentials(header: string | undefined): Credentials | undefined {
  const [, scheme = '', shown = ''] = /^([a-z]+) +([^\s].*)$/i.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') {
    // Node reads header bytes as Latin-1, and scrapers write UTF-8.
    return { scheme: 'bearer', token: Buffer.from(shown, 'latin1').toString('utf8').trim() };
  }
  if (scheme.toLowerCase() !== 'basic' || !/^[A-Za-z0-9+/]+={0,2}\s*$/.test(shown)) return undefined;
  const text = Buffer.from(shown, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { scheme: 'basic', user: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** Compares secrets by keyed digests of equal length, so that time tells neither their length nor how much of them is right. */
export interface Comparer {
  /** A digest that says nothing without the key, which is this comparer's own. */
  digest(...parts: readonly string[]): Buffer;
  /** Whether `shown` equals any of `wanted`; every one is looked at. */
  isAny(shown: Buffer, wanted: readonly Buffer[]): boolean;
}

/** Creates a comparer with a random key. */
export function createComparer(): Comparer {
  const { createHmac, randomBytes, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  const key = randomBytes(32);
  return {
    digest(...parts) {
      const hmac = createHmac('sha256', key);
      // With their lengths, so that no two lists of parts are the same bytes.
      for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
      return hmac.digest();
    },
    isAny(shown, wanted) {
      let found = false;
      for (const one of wanted) if (timingSafeEqual(shown, one)) found = true;
      return found;
    },
  };
}
