// What a guard is made from: data, so that it can cross to the observer thread.
import { resolve } from 'node:path';
import { resolveInstalled } from '../traces/installed-packages.js';
import {
  ACCESS_NAMES,
  ACCESS_OPTIONS,
  type AccessName,
  type AccessOptions,
  type AccessValues,
} from './access-options.js';

/** Where each value is, and what it is called in errors. */
export interface AccessSettings {
  /** As given; files by their absolute path. */
  readonly values: AccessValues;
  /** The option or variable that gave each value. */
  readonly names: Readonly<Record<AccessName, string>>;
  /** The files of packages that only a web configuration file needs; undefined where they are not installed. */
  readonly packages: { readonly yaml: string | undefined; readonly bcryptjs: string | undefined };
  /** Whether a line may be written when a changed file cannot be used. */
  readonly log: boolean;
}

/**
 * Collects the settings; undefined where anybody may scrape. Throws a TypeError that names options which do not go
 * together, and reads nothing.
 */
export function accessSettings(
  values: AccessValues,
  { given = {}, log = true }: { readonly given?: AccessOptions; readonly log?: boolean } = {},
): AccessSettings | undefined {
  if (ACCESS_NAMES.every((name) => values[name] === undefined)) return undefined;
  const names = Object.fromEntries(
    ACCESS_NAMES.map((name) => [name, given[name] === undefined ? ACCESS_OPTIONS[name].variable : name]),
  ) as Record<AccessName, string>;
  checkTogether(values, names);
  const hasWebConfig = values.webConfigFile !== undefined;
  return {
    values: Object.fromEntries(
      ACCESS_NAMES.map((name) => {
        const value = values[name];
        return [name, value !== undefined && name.endsWith('File') ? resolve(value) : value];
      }),
    ) as AccessValues,
    names,
    packages: {
      yaml: hasWebConfig ? resolveInstalled('yaml') : undefined,
      bcryptjs: hasWebConfig ? resolveInstalled('bcryptjs') : undefined,
    },
    log,
  };
}

const NOT_BOTH: readonly (readonly [AccessName, AccessName])[] = [
  ['token', 'tokenFile'],
  ['password', 'passwordFile'],
];

/** Each needs one of the others. */
const NEEDS: readonly (readonly [AccessName, readonly AccessName[]])[] = [
  ['username', ['password', 'passwordFile']],
  ['password', ['username']],
  ['passwordFile', ['username']],
  ['tlsCertFile', ['tlsKeyFile']],
  ['tlsKeyFile', ['tlsCertFile']],
  ['tlsClientCaFile', ['tlsCertFile']],
];

function checkTogether(values: AccessValues, names: Readonly<Record<AccessName, string>>): void {
  for (const [one, other] of NOT_BOTH) {
    if (values[one] !== undefined && values[other] !== undefined)
      throw new TypeError(`Expected one of \`${names[one]}\` and \`${names[other]}\`, got both`);
  }
  for (const [one, others] of NEEDS) {
    if (values[one] !== undefined && others.every((other) => values[other] === undefined)) {
      const wanted = others.map((other) => `\`${names[other]}\``).join(' or ');
      throw new TypeError(`Expected \`${names[one]}\` together with ${wanted}, got it alone`);
    }
  }
  // What is before the first colon of basic credentials is the name.
  if (values.username?.includes(':') === true)
    throw new TypeError(`Expected \`${names.username}\` to be a name without a colon, got "${values.username}"`);
}
