// From options to what a guard is made of, with one sentence about whatever is wrong.
import { applicationEnvironment } from '../group/pm2.js';
import { ACCESS_NAMES, ACCESS_OPTIONS, type AccessOptions, type AccessValues } from './access-options.js';
import type { Access } from './guard.js';
import { loadRules } from './load-rules.js';
import { accessSettings } from './settings.js';

export interface OpenAccessOptions {
  /** What was given in code, for the names in errors. @default {} */
  readonly given?: AccessOptions;
  /** Whether a line may be written when a changed file cannot be used. @default true */
  readonly log?: boolean;
  /** Where the values that are not given in code come from. @default that of the application */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads who may scrape; undefined where everybody may, over plain HTTP. Throws a TypeError that quotes option or variable and
 * file, never a secret.
 */
export function openAccess(values: AccessValues, options: OpenAccessOptions = {}): Access | undefined {
  checkNotEmpty(values, options.environment ?? applicationEnvironment());
  const settings = accessSettings(values, options);
  return settings === undefined ? undefined : { settings, loaded: loadRules(settings) };
}

// A secret that was lost on its way here must not open the endpoint to everybody.
function checkNotEmpty(values: AccessValues, environment: NonNullable<OpenAccessOptions['environment']>): void {
  for (const name of ACCESS_NAMES) {
    const { variable } = ACCESS_OPTIONS[name];
    if (values[name] === undefined && environment[variable]?.trim() === '')
      throw new TypeError(`Expected \`${variable}\` to have a value or not to be set, got an empty one`);
  }
}
