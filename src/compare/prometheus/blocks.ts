// Blocks from what range queries answered: pure.
import type { Block } from '../observations.js';
import { histogramsOf, type IncreaseAt } from './histograms.js';
import type { Series } from './matrix.js';
import { plausible } from './plausible.js';

/** The answers of all queries over one stretch of time; each step is the end of a block. */
export interface Answers {
  /** Where the instance was scraped. */
  readonly present: readonly Series[];
  /** `target_info`, where the label is there alone. */
  readonly infos: readonly Series[];
  readonly uptime: readonly Series[];
  readonly requests: readonly Series[];
  readonly loopActive: readonly Series[];
  readonly gc: readonly Series[];
  readonly lagBuckets: readonly Series[];
  readonly lagSum: readonly Series[];
  readonly functionBuckets: readonly Series[];
  readonly functionSum: readonly Series[];
}

/** How answers are read. */
export interface BlocksOptions {
  /** Labels that together tell one process from others. */
  readonly instanceLabels: readonly string[];
  /** The label that tells the sides apart; undefined where only times do. */
  readonly by: string | undefined;
  readonly labelOn: 'series' | 'target_info' | undefined;
  readonly functionLabel: string;
  readonly blockS: number;
}

/** A block, and what its instance's label said. */
export interface LabelledBlock {
  /** Undefined where only times tell the sides apart. */
  readonly value: string | undefined;
  readonly block: Block;
}

/** Builds a block for each step at whose both ends an instance was there, without a restart between them. */
export function blocksOf(answers: Answers, options: BlocksOptions): readonly LabelledBlock[] {
  const { blockS, by, labelOn, instanceLabels } = options;
  const keys = labelOn === 'series' && by !== undefined ? [...instanceLabels, by] : instanceLabels;
  const keyOf = (series: Series) => JSON.stringify(keys.map((label) => series.labels.get(label) ?? ''));
  const indexed = (series: readonly Series[]) => new Map(series.map((of) => [keyOf(of), of.values]));
  const uptime = indexed(answers.uptime);
  const requests = indexed(answers.requests);
  const loopActive = indexed(answers.loopActive);
  const gc = indexed(answers.gc);
  const lag = histogramsOf(answers.lagBuckets, answers.lagSum, keyOf);
  const functions = functionsOf(answers, options, keyOf);
  // What a service puts on its metrics need not be on its target_info.
  const infoLabels = instanceLabels.filter((label) =>
    answers.infos.some(({ labels }) => (labels.get(label) ?? '') !== ''),
  );
  const infos = infosOf(answers.infos, by, infoLabels);
  const stepMs = Math.round(blockS * 1000);

  return answers.present.flatMap((series) => {
    const key = keyOf(series);
    const instance = nameOf(series, instanceLabels);
    const resource = nameOf(series, infoLabels);
    const valueAt = (timeMs: number): string | undefined =>
      by === undefined ? undefined : labelOn === 'series' ? series.labels.get(by) : infos.get(resource)?.get(timeMs);
    return [...series.values.keys()].flatMap((endMs): LabelledBlock[] => {
      const startMs = endMs - stepMs;
      const value = valueAt(endMs);
      // In between, another version may have taken the name of this instance.
      if (!series.values.has(startMs) || value !== valueAt(startMs) || (by !== undefined && value === undefined))
        return [];
      const age = uptime.get(key)?.get(endMs);
      const ageS = age === undefined ? undefined : age - blockS;
      if (ageS !== undefined && !(ageS >= 0)) return [];
      const block: Block = {
        instance,
        startS: startMs / 1000,
        durationS: blockS,
        ageS,
        requests: plausible(requests.get(key)?.get(endMs)) ?? 0,
        loopActiveS: plausible(loopActive.get(key)?.get(endMs)),
        gcS: plausible(gc.get(key)?.get(endMs)),
        lag: lag.get(key)?.(endMs),
        functions: new Map(
          [...(functions.get(key) ?? [])].flatMap(([name, increaseAt]) => {
            const increase = increaseAt(endMs);
            return increase === undefined ? [] : [[name, increase] as const];
          }),
        ),
      };
      return hasMoved(block) ? [{ value, block }] : [];
    });
  });
}

/** What is pushed seems to be there for some minutes after its end; a loop that is there has probes of its lag at least. */
function hasMoved({ requests, loopActiveS, lag }: Block): boolean {
  if (loopActiveS === undefined && lag === undefined) return true;
  return requests > 0 || (loopActiveS ?? 0) > 0 || lag?.counts.some((count) => count > 0) === true;
}

function functionsOf(
  { functionBuckets, functionSum }: Answers,
  { functionLabel }: BlocksOptions,
  keyOf: (series: Series) => string,
): Map<string, Map<string, IncreaseAt>> {
  const both = (series: Series) => JSON.stringify([keyOf(series), series.labels.get(functionLabel) ?? '']);
  const byKey = new Map<string, Map<string, IncreaseAt>>();
  for (const [key, at] of histogramsOf(functionBuckets, functionSum, both)) {
    const [instance = '', name = ''] = JSON.parse(key) as string[];
    const known = byKey.get(instance) ?? new Map<string, IncreaseAt>();
    known.set(name, at);
    byKey.set(instance, known);
  }
  return byKey;
}

function nameOf({ labels }: Series, of: readonly string[]): string {
  return of
    .map((label) => labels.get(label) ?? '')
    .filter((part) => part !== '')
    .join('/');
}

/** The label's value of each instance by time; none while two resources share the instance's name. */
function infosOf(
  infos: readonly Series[],
  by: string | undefined,
  infoLabels: readonly string[],
): Map<string, Map<number, string>> {
  const byInstance = new Map<string, Map<number, string>>();
  const shared = new Set<string>();
  for (const series of by === undefined ? [] : infos) {
    const { labels, values } = series;
    const value = labels.get(by ?? '') ?? '';
    const instance = nameOf(series, infoLabels);
    const known = byInstance.get(instance) ?? new Map<number, string>();
    for (const timeMs of values.keys()) {
      const other = known.get(timeMs);
      if (other !== undefined && other !== value) shared.add(`${instance} ${timeMs}`);
      known.set(timeMs, value);
    }
    byInstance.set(instance, known);
  }
  for (const [instance, known] of byInstance) {
    for (const timeMs of known.keys()) if (shared.has(`${instance} ${timeMs}`)) known.delete(timeMs);
  }
  return byInstance;
}
