// What an exposition can be: its format, that format's version, and how names beyond [a-zA-Z0-9_:] are written in it.

/** How a scraper wants names that it could not read otherwise: Prometheus' escaping schemes. */
export type Escaping = 'underscores' | 'dots' | 'values' | 'allow-utf-8';

/** One way to write an exposition, as it is negotiated with a scraper. */
export interface Format {
  /** `text` in 0.0.4 or 1.0.0, `openmetrics` in 0.0.1 or 1.0.0. */
  readonly kind: 'text' | 'openmetrics';
  readonly version: '0.0.4' | '1.0.0' | '0.0.1';
  readonly escaping: Escaping;
}

/** What everybody can read, scrapers and people. */
export const DEFAULT_FORMAT: Format = { kind: 'text', version: '0.0.4', escaping: 'underscores' };

/** Makes the exposition of one moment in the format that was asked for, in chunks of some 64 kB. */
export type Exposition = (format: Format) => Iterable<string>;

const MEDIA_TYPES: Readonly<Record<Format['kind'], string>> = {
  text: 'text/plain',
  openmetrics: 'application/openmetrics-text',
};

/**
 * The value of `Content-Type`. The escaping is told where it could matter: versions before 1.0.0 know of none.
 *
 * @example
 * ```ts
 * contentTypeOf({ kind: 'text', version: '0.0.4', escaping: 'underscores' }); // text/plain; version=0.0.4; charset=utf-8
 * ```
 */
export function contentTypeOf({ kind, version, escaping }: Format): string {
  const type = `${MEDIA_TYPES[kind]}; version=${version}; charset=utf-8`;
  return version === '1.0.0' || escaping !== 'underscores' ? `${type}; escaping=${escaping}` : type;
}
