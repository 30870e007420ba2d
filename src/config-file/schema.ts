// The JSON schema of loopsight.config.json, for editors; the build writes it into the package.
import type { JsonSchema } from '../option-values.js';
import { OPTIONS, type OptionDefinition } from '../options.js';

/**
 * The schema (JSON Schema, draft 07, which editors know) of every option that a file can give.
 *
 * @example
 * configFileSchema().title; // 'Options of Loopsight'
 */
export function configFileSchema(): JsonSchema {
  const definitions: readonly OptionDefinition[] = Object.values(OPTIONS);
  const properties = definitions.flatMap(({ option, kind, description, defaultText }) =>
    option === undefined || kind.schema === undefined
      ? []
      : [[option, { ...kind.schema, description: plain(`${description} Default: ${defaultText}.`) }] as const],
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Options of Loopsight',
    description: 'Environment variables win over this file, and it wins over the defaults.',
    type: 'object',
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(properties) },
    additionalProperties: false,
  };
}

// Editors show descriptions as they are: without marks, and without links to pages beside ours.
function plain(text: string): string {
  return text.replaceAll('`', '').replace(/ ?\(?\[[^\]]*\]\([^)]*\)\)?/g, '');
}
