// Chooses how to answer a scraper, after Prometheus' "Scrape protocol content negotiation".
import { type Preference, parsePreferences } from './accept-header.js';
import { DEFAULT_FORMAT, type Escaping, type Format } from './format.js';

/** Something that can be answered. */
interface Candidate {
  readonly mediaType: string;
  /** What a client has to ask for by these parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether it is meant where the client names the media type without these parameters. */
  readonly isDefault: boolean;
  readonly format: Pick<Format, 'kind' | 'version'>;
}

/** What we can answer, the best first: that decides between equal qualities. Another format joins here. */
const CANDIDATES: readonly Candidate[] = [
  {
    mediaType: 'application/openmetrics-text',
    parameters: { version: '1.0.0' },
    isDefault: true,
    format: { kind: 'openmetrics', version: '1.0.0' },
  },
  {
    mediaType: 'application/openmetrics-text',
    parameters: { version: '0.0.1' },
    isDefault: false,
    format: { kind: 'openmetrics', version: '0.0.1' },
  },
  {
    mediaType: 'text/plain',
    parameters: { version: '1.0.0' },
    isDefault: false,
    format: { kind: 'text', version: '1.0.0' },
  },
  {
    mediaType: 'text/plain',
    parameters: { version: '0.0.4' },
    isDefault: true,
    format: { kind: 'text', version: '0.0.4' },
  },
];

const ESCAPINGS: ReadonlyMap<string, Escaping> = new Map(
  (['underscores', 'dots', 'values', 'allow-utf-8'] as const).map((escaping) => [escaping, escaping]),
);

/** How well a client's preferences take a candidate. */
interface Match {
  readonly quality: number;
  /** 0 for any media type, 1 for `text/*`, 2 for the media type, 3 with parameters. */
  readonly precision: number;
  readonly escaping: Escaping;
}

/**
 * The format for the value of an `Accept` header. Whoever asks for nothing that there is, or only for anything, as people's
 * browsers do, gets the text format 0.0.4: an answer that can be read is better than 406.
 *
 * @example
 * ```ts
 * negotiateFormat('application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5').kind; // openmetrics
 * ```
 */
export function negotiateFormat(accept: string | undefined): Format {
  const preferences = parsePreferences(accept ?? '');
  let best: { format: Format; match: Match } | undefined;
  for (const candidate of CANDIDATES) {
    const match = bestMatch(candidate, preferences);
    if (match === undefined || match.quality === 0) continue;
    // Only what is asked for by name is worth more than the default.
    const isBetter = best === undefined || match.quality > best.match.quality;
    const isNamed = best?.match.quality === match.quality && !isByName(best.match) && isByName(match);
    if (isBetter || isNamed) best = { format: { ...candidate.format, escaping: match.escaping }, match };
  }
  return best !== undefined && isByName(best.match) ? best.format : DEFAULT_FORMAT;
}

/** Whether the value of an `Accept-Encoding` header asks for gzip, and would not rather have none. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const preferences = parsePreferences(acceptEncoding ?? '');
  const qualityOf = (...names: readonly string[]) =>
    Math.max(...preferences.filter(({ name }) => names.includes(name)).map(({ quality }) => quality));
  const gzip = qualityOf('gzip', 'x-gzip');
  return gzip > 0 && gzip >= qualityOf('identity');
}

// The most precise preference counts, and of several the one with the highest quality.
function bestMatch(candidate: Candidate, preferences: readonly Preference[]): Match | undefined {
  let best: Match | undefined;
  for (const preference of preferences) {
    const precision = precisionOf(candidate, preference);
    if (precision === undefined || precision < (best?.precision ?? 0)) continue;
    const { quality, parameters } = preference;
    if (precision === best?.precision && quality <= best.quality) continue;
    best = { quality, precision, escaping: ESCAPINGS.get(parameters.get('escaping') ?? '') ?? 'underscores' };
  }
  return best;
}

function precisionOf({ mediaType, parameters, isDefault }: Candidate, preference: Preference): number | undefined {
  const { name } = preference;
  if (name === '*/*' || name === '*') return 0;
  if (name === `${mediaType.split('/', 1)[0]}/*`) return 1;
  if (name !== mediaType) return undefined;
  const keys = Object.keys(parameters);
  if (keys.every((key) => preference.parameters.get(key) === parameters[key])) return 3;
  return isDefault && !keys.some((key) => preference.parameters.has(key)) ? 2 : undefined;
}

function isByName({ precision }: Match): boolean {
  return precision >= 2;
}
