// Reads the headers by which a client says what it can take: Accept and Accept-Encoding.

/** One alternative of a header. */
export interface Preference {
  /** A media type or encoding, in lower case. */
  readonly name: string;
  /** In lower case, but for the quality. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Between 0, which means never, and 1. */
  readonly quality: number;
}

/** More than a scraper sends; what follows is not looked at. */
const MAX_CHARACTERS = 4096;
const MAX_PREFERENCES = 64;

/**
 * Reads a header in linear time; what is none of its grammar is read as if it were not there, and a bad quality as never.
 *
 * @example
 * ```ts
 * parsePreferences('gzip;q=0.5, identity')[0]?.quality; // 0.5
 * ```
 */
export function parsePreferences(header: string): readonly Preference[] {
  return split(header.slice(0, MAX_CHARACTERS), ',')
    .slice(0, MAX_PREFERENCES)
    .map(parsePreference)
    .filter(({ name }) => name !== '');
}

function parsePreference(text: string): Preference {
  const [name = '', ...rest] = split(text, ';');
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals === -1) continue;
    const key = part.slice(0, equals).trim().toLowerCase();
    const value = unquoted(part.slice(equals + 1).trim());
    if (key === 'q') quality = /^(?:0(?:\.\d*)?|1(?:\.0*)?|\.\d+)$/.test(value) ? Number(value) : 0;
    else if (!parameters.has(key)) parameters.set(key, value.toLowerCase());
  }
  return { name: name.toLowerCase(), parameters, quality };
}

/** Splits at separators outside of double quotes. */
function split(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted && character === '\\') index++;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...parts, text.slice(start).trim()];
}

function unquoted(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}
