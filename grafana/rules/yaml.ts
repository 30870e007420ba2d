// YAML as Prometheus, Alertmanager and Kubernetes read it: block mappings and sequences, expressions as literal blocks.

/** What can be written. `undefined` values are left out. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | YamlMapping;
export interface YamlMapping {
  readonly [key: string]: YamlValue | undefined;
}

/** Words that YAML 1.1 readers take for something else than text. */
const RESERVED = /^(true|false|null|yes|no|on|off|y|n)$/i;
const PLAIN = /^[A-Za-z]([\w./:-]*\w)?$/;

/** Writes `value`, each line of a comment above it. */
export function renderYaml(value: YamlMapping, comment: readonly string[] = []): string {
  const lines = mapping(value, '');
  return `${[...comment.map((line) => `# ${line}`.trimEnd()), ...(lines.length === 0 ? ['{}'] : lines)].join('\n')}\n`;
}

function mapping(value: YamlMapping, indent: string): string[] {
  return Object.entries(value).flatMap(([key, entry]) =>
    entry === undefined ? [] : keyed(scalar(key), entry, indent),
  );
}

function keyed(key: string, value: YamlValue, indent: string): string[] {
  if (typeof value === 'string' && isBlock(value)) {
    return [`${indent}${key}: |-`, ...value.split('\n').map((line) => (line === '' ? '' : `${indent}  ${line}`))];
  }
  if (typeof value !== 'object') return [`${indent}${key}: ${scalar(value)}`];
  const lines = isSequence(value) ? sequence(value, `${indent}  `) : mapping(value, `${indent}  `);
  return lines.length === 0 ? [`${indent}${key}: ${isSequence(value) ? '[]' : '{}'}`] : [`${indent}${key}:`, ...lines];
}

function sequence(items: readonly YamlValue[], indent: string): string[] {
  return items.flatMap((item) => {
    if (typeof item !== 'object') return [`${indent}- ${scalar(item)}`];
    const lines = isSequence(item) ? sequence(item, `${indent}  `) : mapping(item, `${indent}  `);
    if (lines.length === 0) return [`${indent}- ${isSequence(item) ? '[]' : '{}'}`];
    const [first = '', ...rest] = lines;
    return [`${indent}- ${first.trimStart()}`, ...rest];
  });
}

function isSequence(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

/** Text with line breaks or double quotes is easier to read as a block, where nothing in it needs an escape. */
function isBlock(text: string): boolean {
  return /[\n"]/.test(text) && !/^\s|\s$|[ \t]\n|\t|[^\n\x20-\x7e]/.test(text);
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  // Readable, and as the repository's formatter has it; a text in single quotes has no escapes.
  if (PLAIN.test(value) && !RESERVED.test(value)) return value;
  if (value.includes('"') && /^[\x20-\x26\x28-\x7e]*$/.test(value)) return `'${value}'`;
  // JSON is YAML; what lies beyond ASCII is escaped, because readers differ in what they take as it is. Half a character,
  // as JSON has it for what is beyond 16 bits, is none to Prometheus' reader.
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/gu,
    (character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  );
}
