// Every option of rules as a flag.
import { RULE_OPTIONS, type RuleOptions } from '../../grafana/rules/options.js';
import { UsageError } from './command.js';

type RuleOptionName = keyof typeof RULE_OPTIONS;

const NAMES = Object.keys(RULE_OPTIONS) as RuleOptionName[];
const LINE = 92;

/**
 * The flag of an option.
 *
 * @example
 * ```ts
 * flagOf('starvedLagS'); // starved-lag-s
 * ```
 */
export function flagOf(name: RuleOptionName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The flags as `parseArgs` takes them. */
export const RULE_FLAGS: Readonly<Record<string, { readonly type: 'string' }>> = Object.fromEntries(
  NAMES.map((name) => [flagOf(name), { type: 'string' }]),
);

/** Reads what was given of the flags. Throws a UsageError that quotes flag, bound and value. */
export function readRuleOptions(values: Readonly<Record<string, unknown>>): Partial<RuleOptions> {
  const given = NAMES.flatMap((name) => {
    const text = values[flagOf(name)];
    return typeof text === 'string' ? [[name, inTermsOfFlags(() => parse(name, text))] as const] : [];
  });
  return Object.fromEntries(given) as Partial<RuleOptions>;
}

/** What `read` returns; its TypeErrors become UsageErrors that name flags in the place of options. */
export function inTermsOfFlags<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(namingFlags(error.message));
  }
}

/** The lines about the flags in the help. */
export function describeRuleFlags(): string {
  return NAMES.map((name) => {
    const { kind, default: initial, meaning } = RULE_OPTIONS[name];
    const allowed = kind.allowed.replace(/^an object whose values are .*; as a variable /, '');
    const shown = isEmpty(initial) ? '' : `; default ${String(initial)}`;
    return [`  --${flagOf(name)}`, ...wrapped(`${namingFlags(meaning)} (${allowed}${shown})`)].join('\n');
  }).join('\n');
}

function parse(name: RuleOptionName, text: string): unknown {
  return RULE_OPTIONS[name].kind.parse(text, name);
}

function namingFlags(text: string): string {
  const isOption = (name: string): name is RuleOptionName => Object.hasOwn(RULE_OPTIONS, name);
  return text.replaceAll(/`(\w+)/g, (quoted, name: string) => (isOption(name) ? `\`--${flagOf(name)}` : quoted));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '     ';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > LINE) {
      lines.push(line);
      line = '     ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
