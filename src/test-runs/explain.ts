// Why a test took its time, in words. Pure.
import { bounded } from '../stalls/blame/code-names.js';
import { describePlace, formatMs, leafName, REASONS } from '../stalls/tell/stall-sentence.js';
import type { TestRecord, TestStall } from './test-record.js';

/** Parts below this share of the test are left out. */
const SHARE = 0.1;
const STALLS_SHOWN = 2;
const RESOURCES_SHOWN = 3;

/**
 * Says where the time of a test went, the largest part first.
 *
 * @example
 * const times = { durationMs: 900, blockedMs: 0, spunMs: 20, waitedMs: 880 };
 * explainTest({ name: 'ships', file: 'a.test.ts', ...times, stalls: [], waitedFor: ['Timeout'], others: 0 }); // waited 880 ms for Timeout
 */
export function explainTest(record: TestRecord): string {
  const { durationMs, blockedMs, spunMs, waitedMs, withoutProcessorMs = 0, waitedFor, others } = record;
  const parts = [
    { ms: blockedMs, text: `blocked ${formatMs(blockedMs)}${blockers(record)}` },
    { ms: spunMs, text: `busy ${formatMs(spunMs)} in short callbacks` },
    { ms: waitedMs, text: `waited ${formatMs(waitedMs)}${listed(waitedFor.slice(0, RESOURCES_SHOWN))}` },
  ]
    .filter(({ ms }) => ms >= durationMs * SHARE)
    .sort((one, other) => other.ms - one.ms)
    .map(({ text }) => text);
  if (withoutProcessorMs >= durationMs * SHARE) parts.push(`${formatMs(withoutProcessorMs)} of it without a processor`);
  if (others > 0) parts.push(`${others} other ${others === 1 ? 'test' : 'tests'} ran meanwhile`);
  return parts.join('; ');
}

function blockers({ stalls }: TestRecord): string {
  const shown = stalls.slice(0, STALLS_SHOWN).map(blocker);
  const more = stalls.length - shown.length;
  return `${shown.length === 0 ? '' : ` ${shown.join(', ')}`}${more > 0 ? ` and ${more} more` : ''}`;
}

function blocker({ culprit, leaf, cause, confidence }: TestStall): string {
  if (culprit === undefined) return `(${REASONS[cause]})`;
  const within = leaf !== undefined && leaf.function !== culprit.function ? `, in ${leafName(leaf)}` : '';
  return `${confidence === 'late' ? 'in a native call near' : 'by'} ${describePlace(culprit)}${within}`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? '' : ` for ${names.map((name) => bounded(name)).join(', ')}`;
}
