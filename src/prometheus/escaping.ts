// Names beyond [a-zA-Z0-9_:] for scrapers that cannot read them, after Prometheus' escaping schemes, and quoted for those that can.
import type { Escaping } from './format.js';

/**
 * Escapes the name of a metric or label. What Prometheus' own clients do where its pages differ from them: hexadecimal
 * digits are in lower case, and `dots` turns other characters into two underscores.
 *
 * @example
 * ```ts
 * escapeName('http.route', 'underscores'); // http_route
 * escapeName('http.route', 'dots'); // http_dot_route
 * escapeName('http.route', 'values'); // U__http_2e_route
 * ```
 */
export function escapeName(name: string, escaping: Escaping): string {
  if (escaping === 'allow-utf-8') return name;
  if (escaping !== 'dots' && isPlainName(name)) return name;
  const escaped = [...name].map((character, index) => ESCAPES[escaping](character, isPlain(character, index === 0)));
  return escaping === 'values' ? `U__${escaped.join('')}` : escaped.join('');
}

/** Whether every scraper can read the name of a metric as it is. */
export function isPlainName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

/** Whether every scraper can read the name of a label as it is. */
export function isPlainLabel(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

/** A name, or the value of a label, in double quotes; lone surrogates, which UTF-8 cannot carry, become U+FFFD. */
export function quote(text: string): string {
  return `"${escapeQuotable(text)}"`;
}

/** Escapes what stands between double quotes. */
export function escapeQuotable(text: string): string {
  return escapeText(text).replaceAll('"', '\\"');
}

/** Escapes text that goes to the end of a line. */
export function escapeText(text: string): string {
  return wellFormed(text).replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** `text` with U+FFFD in place of lone surrogates. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

const ESCAPES: Readonly<Record<Exclude<Escaping, 'allow-utf-8'>, (character: string, plain: boolean) => string>> = {
  underscores: (character, plain) => (plain ? character : '_'),
  dots: (character, plain) => {
    if (character === '.') return '_dot_';
    return plain && character !== '_' ? character : '__';
  },
  values: (character, plain) => {
    if (character === '_') return '__';
    return plain ? character : `_${wellFormed(character).codePointAt(0)?.toString(16)}_`;
  },
};

function isPlain(character: string, isFirst: boolean): boolean {
  return (isFirst ? /^[a-zA-Z_:]$/ : /^[a-zA-Z0-9_:]$/).test(character);
}
