// Checks of single values: each takes what was given and its name, and returns the value or throws a TypeError that quotes both.

/** Reads one kind of value, from code (any type) or from an environment variable (text). */
export interface ValueKind<T> {
  /** Takes `value` as code gave it; throws a TypeError that quotes `name`, bound and value. */
  check(value: unknown, name: string): T;
  /** Takes `text` as the environment gave it; throws a TypeError that quotes `name`, bound and value. */
  parse(text: string, name: string): T;
  /** What is allowed, in words for the docs. */
  readonly allowed: string;
  /** What is allowed as JSON Schema says it; a kind without it cannot be given in a file. */
  readonly schema?: JsonSchema;
}

/** Part of a JSON Schema (draft 07). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A whole or broken number in a range. */
export function numberBetween(
  minimum: number,
  maximum: number,
  { integer }: { readonly integer: boolean },
): ValueKind<number> {
  const allowed = `${integer ? 'an integer' : 'a number'} from ${minimum} to ${maximum}`;
  const valid = (value: number) => value >= minimum && value <= maximum && (!integer || Number.isInteger(value));
  return {
    allowed,
    schema: { type: integer ? 'integer' : 'number', minimum, maximum },
    check(value, name) {
      if (typeof value !== 'number' || !valid(value)) throw unexpected(name, allowed, value);
      return value;
    },
    parse(text, name) {
      const value = /^\s*[-+]?\d*\.?\d+(e[-+]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
      if (!valid(value)) throw unexpected(name, allowed, text);
      return value;
    },
  };
}

/** A text that is not empty. */
export const text: ValueKind<string> = {
  allowed: 'a string that is not empty',
  schema: { type: 'string', pattern: '\\S' },
  check(value, name) {
    if (typeof value !== 'string' || value.trim() === '') throw unexpected(name, text.allowed, value);
    return value;
  },
  parse: (value, name) => text.check(value, name),
};

const SWITCH_WORDS = ['on', 'auto', 'true', 'false', 'yes', 'no', '0', '1'];

/** The name of a group; words that could be meant as a switch are none. */
export const groupName: ValueKind<string> = {
  allowed: 'a name of at most 200 characters, or `off`; not `on`, `auto`, `true`, `false`, `yes`, `no`, `0` or `1`',
  schema: { type: 'string', pattern: '\\S', maxLength: 200, not: { enum: SWITCH_WORDS } },
  check(value, name) {
    const given = text.check(value, name).trim();
    const isSwitch = SWITCH_WORDS.includes(given.toLowerCase());
    if (isSwitch || given.length > 200) throw unexpected(name, groupName.allowed, value);
    return given.toLowerCase() === 'off' ? 'off' : given;
  },
  parse: (value, name) => groupName.check(value, name),
};

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly W[]): ValueKind<W> {
  const allowed = `one of ${words.map((word) => `"${word}"`).join(', ')}`;
  return {
    allowed,
    schema: { enum: words },
    check(value, name) {
      const word = words.find((candidate) => candidate === value);
      if (word === undefined) throw unexpected(name, allowed, value);
      return word;
    },
    parse(value, name) {
      const word = words.find((candidate) => candidate === value.trim().toLowerCase());
      if (word === undefined) throw unexpected(name, allowed, value);
      return word;
    },
  };
}

/** A boolean; in the environment `true` or `false`, in any case, as OpenTelemetry's variables are written. */
export const trueOrFalse: ValueKind<boolean> = {
  allowed: '`true` or `false`',
  schema: { type: 'boolean' },
  check(value, name) {
    if (typeof value !== 'boolean') throw unexpected(name, trueOrFalse.allowed, value);
    return value;
  },
  parse(value, name) {
    const word = value.trim().toLowerCase();
    if (word !== 'true' && word !== 'false') throw unexpected(name, trueOrFalse.allowed, value);
    return word === 'true';
  },
};

/** A boolean that is written `on` or `off` in the environment. */
export const onOrOff: ValueKind<boolean> = {
  allowed: '`true` or `false`; as a variable `on` or `off`',
  schema: { type: 'boolean' },
  check: trueOrFalse.check,
  parse: (value, name) => oneOf(['on', 'off']).parse(value, name) === 'on',
};

/** Names separated by commas. */
export const nameList: ValueKind<readonly string[]> = {
  allowed: 'names separated by commas',
  schema: { type: 'array', items: { type: 'string', pattern: '\\S' } },
  check(value, name) {
    if (!Array.isArray(value) || value.some((item) => typeof item !== 'string' || item.trim() === '')) {
      throw unexpected(name, 'an array of names', value);
    }
    return value;
  },
  parse: (value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
};

/** Resource attributes; in the environment `key=value,key=value` with percent-encoded values (OpenTelemetry, Resource SDK). */
export const attributeMap: ValueKind<Readonly<Record<string, string>>> = {
  allowed: 'an object of strings; as a variable `key=value` pairs separated by commas',
  schema: { type: 'object', propertyNames: { pattern: '\\S' }, additionalProperties: { type: 'string' } },
  check(value, name) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw unexpected(name, 'an object of strings', value);
    }
    for (const [key, entry] of Object.entries(value)) {
      text.check(key, `a key of ${name}`);
      if (typeof entry !== 'string') throw unexpected(`${name}["${key}"]`, 'a string', entry);
    }
    return { ...value };
  },
  parse(value, name) {
    const attributes: Record<string, string> = {};
    for (const pair of value.split(',')) {
      if (pair.trim() === '') continue;
      const at = pair.indexOf('=');
      const key = pair.slice(0, Math.max(at, 0)).trim();
      if (key === '') throw unexpected(name, '`key=value` pairs separated by commas', pair);
      try {
        attributes[key] = decodeURIComponent(pair.slice(at + 1).trim());
      } catch {
        throw unexpected(name, 'percent-encoded values', pair);
      }
    }
    return attributes;
  },
};

/** Values by name; in the environment `name=value,name=value`. */
export function mapOf<T>(entry: ValueKind<T>): ValueKind<Readonly<Record<string, T>>> {
  return {
    allowed: `an object whose values are ${entry.allowed}; as a variable \`name=value\` pairs separated by commas`,
    ...(entry.schema === undefined ? {} : { schema: { type: 'object', additionalProperties: entry.schema } }),
    check(value, name) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw unexpected(name, 'an object', value);
      }
      return Object.fromEntries(
        Object.entries(value).map(([key, given]) => [key, entry.check(given, `${name}["${key}"]`)]),
      );
    },
    parse(value, name) {
      const texts = Object.entries(attributeMap.parse(value, name));
      return Object.fromEntries(texts.map(([key, given]) => [key, entry.parse(given, `${name}["${key}"]`)]));
    },
  };
}

/** The sentence that every wrong value gets. */
export function unexpected(name: string, allowed: string, value: unknown): TypeError {
  return new TypeError(`Expected \`${name}\` to be ${allowed}, got ${quote(value)}`);
}

function quote(value: unknown): string {
  if (typeof value === 'string') return `"${value.length > 80 ? `${value.slice(0, 80)}…` : value}" (string)`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  if (typeof value === 'function') return 'a function';
  return `\`${String(value)}\` (${typeof value})`;
}

/** A function; the environment cannot give one. */
export function functionOf<F extends (...args: never[]) => unknown>(): ValueKind<F> {
  const allowed = 'a function';
  return {
    allowed,
    check(value, name) {
      if (typeof value !== 'function') throw unexpected(name, allowed, value);
      return value as F;
    },
    parse(text, name) {
      throw unexpected(name, allowed, text);
    },
  };
}
