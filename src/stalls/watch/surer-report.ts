// Whether what captures tell of a stall is believed, or what the samples of a profile do.
import { BLAMING } from '../blame/describe-stall.js';
import type { StallReport } from '../blame/stall-report.js';

/** Whether a profile can know more of a stall than its captures do. */
export const isOfCode = ({ cause }: StallReport): boolean => cause === 'unknown' || BLAMING.has(cause);

const methodOf = (name: string): string | undefined => name.split('.').at(-1);

const isOfNode = (file: string): boolean => file.startsWith('node:');

/**
 * Which of two reports of one stall is to be told. Captures know more of the code that they show, and of code that was compiled
 * into its caller samples show that one. But of a native call captures show at best who made it, and what ran after it.
 */
export function surerOf(told: StallReport, sampled: StallReport): StallReport {
  if (sampled.culprit === undefined) return told;
  // Many short callbacks: samples show one of them. But captures that came between two callbacks show nobody, and seem to spin.
  if (told.cause === 'spin' && told.culprit !== undefined) return told;
  const { function: name, file } = sampled.culprit;
  // V8 cannot name every frame of a sample: one without code of the application can be a stack that lost it.
  if (isOfNode(file) && told.culprit !== undefined && !isOfNode(told.culprit.file)) return told;
  const isSameOrCaller = told.stack.some((place) => place.file === file && methodOf(place.function) === methodOf(name));
  return isSameOrCaller && told.confidence === 'exact' ? told : sampled;
}
