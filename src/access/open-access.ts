// From options to what a guard is made of, with one sentence about whatever is wrong.
import type { AccessOptions, AccessValues } from './access-options.js';
import type { Access } from './guard.js';
import { loadRules } from './load-rules.js';
import { accessSettings } from './settings.js';

export interface OpenAccessOptions {
  /** What was given in code, for the names in errors. @default {} */
  readonly given?: AccessOptions;
  /** Whether a line may be written when a changed file cannot be used. @default true */
  readonly log?: boolean;
}

/**
 * Reads who may scrape; undefined where everybody may, over plain HTTP. Throws a TypeError that quotes option or variable and
 * file, never a secret.
 */
export function openAccess(values: AccessValues, options: OpenAccessOptions = {}): Access | undefined {
  const settings = accessSettings(values, options);
  return settings === undefined ? undefined : { settings, loaded: loadRules(settings) };
}
