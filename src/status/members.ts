// The processes behind one endpoint, each with figures of its own: added up, four idle loops look like one that is busy.
import { METRICS } from '../metric-names.js';
import type { ParsedFamily, ParsedMetrics } from '../prometheus/parse.js';
import { createFigures, type Figures, type Scrapes } from './figures.js';
import { exposedNames } from './names.js';

/** The label that tells the processes of a group apart. */
const PROCESS = 'process';

/** One process as scrapes show it. */
export interface Member {
  /** Its name in its group; undefined where the endpoint is of one process alone. */
  readonly process: string | undefined;
  readonly figures: Figures;
}

/** Indexes scrapes of one process, or of a group of them. */
export function createMembers({ now, before, elapsedS }: Scrapes): Member[] {
  const parts = splitByProcess(now);
  if (parts === undefined) return [{ process: undefined, figures: createFigures({ now, before, elapsedS }) }];
  const earlier = before === undefined ? undefined : splitByProcess(before);
  return [...parts]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([process, part]) => ({
      process,
      figures: createFigures({ now: part, before: earlier?.get(process), elapsedS }),
    }));
}

// The label alone tells nothing: an application may have one of that name.
function splitByProcess({ families }: ParsedMetrics): Map<string, ParsedMetrics> | undefined {
  if (!exposedNames(METRICS.groupMemberUp).some((name) => families.has(name))) return undefined;
  const parts = new Map<string, { families: Map<string, ParsedFamily> }>();
  for (const [name, { type, help, samples }] of families) {
    for (const sample of samples) {
      const process = sample.labels[PROCESS];
      if (process === undefined) continue;
      const part = parts.get(process) ?? { families: new Map<string, ParsedFamily>() };
      parts.set(process, part);
      const family = part.families.get(name) ?? { type, help, samples: [] };
      part.families.set(name, family);
      family.samples.push(sample);
    }
  }
  return parts;
}
