// Our recording rules in files, on a clock that is shortened to a test's.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuleGroups, renderGroups } from '../../grafana/rules/render.js';
import type { MetricSet } from '../../grafana/sets.js';

export interface WrittenRules extends Disposable {
  readonly files: readonly string[];
}

/** Five minutes are so many times shorter: ten seconds. */
const SHORTEN = 30;

/** Writes the recording rules for each set, of the job that it comes from. */
export function writeRules(of: readonly { readonly set: MetricSet; readonly job: string }[]): WrittenRules {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-rules-'));
  const files = of.map(({ set, job }) => {
    const file = join(folder, `${set.id}.yml`);
    const { recording } = createRuleGroups(set, {
      shorten: SHORTEN,
      matchers: `job="${job}"`,
      regressionRequests: 1,
      sloObjective: 0.99,
    });
    writeFileSync(file, renderGroups(recording));
    return file;
  });
  return { files, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
