// `target_info`: the resource of whoever is scraped, one line for each member of a group.
import type { Format } from './format.js';
import { type LabelRules, renderLabels } from './labels.js';

/** Whose resource it is. */
export interface Target {
  readonly resource: Readonly<Record<string, string>> | undefined;
  /** Labels that tell it from other targets. */
  readonly labels?: ReadonlyMap<string, string> | undefined;
}

/** Renders the family; empty when no target has a resource. */
export function renderTargetInfo(targets: readonly Target[], rules: LabelRules, { kind }: Format): string {
  const lines = targets
    .filter(({ resource }) => resource !== undefined && Object.keys(resource).length > 0)
    .map(({ resource = {}, labels }) => renderLabels(Object.entries(resource), { ...rules, overrides: labels }))
    .filter((labels) => labels !== '')
    .map((labels) => `target_info{${labels}} 1\n`);
  if (lines.length === 0) return '';
  const header =
    kind === 'openmetrics'
      ? '# TYPE target info\n# HELP target Target metadata\n'
      : '# HELP target_info Target metadata\n# TYPE target_info gauge\n';
  return header + [...new Set(lines)].join('');
}
