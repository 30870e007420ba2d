// A parsed document, read key by key: what is not of its kind is told with the file, the key and, where it is no secret, the value.

/** One section. Every reader throws a TypeError where the value is of another kind; undefined is a key that is not there. */
export interface Checked {
  /** The section in errors. */
  readonly name: string;
  /** A key in errors. */
  nameOf(key: string): string;
  /** Throws where there is a key beside these. */
  keys(known: readonly string[]): void;
  allKeys(): readonly string[];
  section(key: string): Checked | undefined;
  text(key: string): string | undefined;
  /** As `text`, but never quoted. */
  secret(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  whole(key: string): number | undefined;
  list(key: string): readonly string[] | undefined;
  /** What `find` makes of the value of `key`; throws where it is undefined. */
  known<T>(key: string, value: string, find: (value: string) => T | undefined): T;
  refusal(key: string, wanted: string, found: string): TypeError;
}

/** Opens what YAML was parsed into; an empty file is an empty section. */
export function openDocument(document: unknown, file: string): Checked {
  return openSection(document ?? {}, '', file);
}

function openSection(value: unknown, at: string, file: string): Checked {
  const where = `in ${file}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(
      `Expected ${at === '' ? 'a mapping' : `\`${at}\` to be a mapping`} ${where}, got ${kindOf(value)}`,
    );
  }
  const entries = new Map<string, unknown>(Object.entries(value));
  const path = (key: string) => (at === '' ? key : `${at}.${key}`);
  const nameOf = (key: string) => `\`${path(key)}\` ${where}`;
  const refusal = (key: string, wanted: string, found: string) =>
    new TypeError(`Expected ${nameOf(key)} to be ${wanted}, got ${found}`);
  const read = <T>(key: string, wanted: string, isIt: (found: unknown) => found is T): T | undefined => {
    // YAML writes "nothing" as null.
    const found = entries.get(key) ?? undefined;
    if (found === undefined) return undefined;
    if (!isIt(found)) throw refusal(key, wanted, kindOf(found));
    return found;
  };
  return {
    name: at === '' ? file : `\`${at}\` ${where}`,
    nameOf,
    refusal,
    keys(known) {
      const unknown = [...entries.keys()].find((key) => !known.includes(key));
      if (unknown !== undefined)
        throw new TypeError(`Expected known keys ${where}, got \`${path(unknown.slice(0, 80))}\``);
    },
    allKeys: () => [...entries.keys()],
    section(key) {
      const found = entries.get(key) ?? undefined;
      return found === undefined ? undefined : openSection(found, path(key), file);
    },
    text: (key) => read(key, 'a string', (found): found is string => typeof found === 'string'),
    secret: (key) => read(key, 'a string', (found): found is string => typeof found === 'string'),
    flag: (key) => read(key, '`true` or `false`', (found): found is boolean => typeof found === 'boolean'),
    whole: (key) => read(key, 'an integer', (found): found is number => Number.isSafeInteger(found)),
    list: (key) =>
      read(
        key,
        'a list of strings',
        (found): found is string[] => Array.isArray(found) && found.every((item) => typeof item === 'string'),
      ),
    known(key, found, find) {
      const made = find(found);
      if (made === undefined) throw refusal(key, 'a name that is known here', `"${found.slice(0, 80)}"`);
      return made;
    },
  };
}

// Never the value: it may be a secret under another key than it should be.
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}
