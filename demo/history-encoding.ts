// What a save writes. Version 2 writes the whole history each time: the regression that `--version=2` brings.
import { createHash } from 'node:crypto';
import type { ServiceVersion } from './flags.js';

/** One restart that was asked for. */
export interface HistoryRecord {
  readonly id: number;
  readonly host: string;
  readonly savedAt: string;
  readonly steps: readonly { readonly name: string; readonly at: string }[];
}

const STEPS = ['announce', 'cordon', 'drain', 'stop', 'start', 'probe', 'uncordon', 'confirm'];

/** The record of a restart that was asked for at `at`. */
export function createRecord(id: number, host: string, at: Date): HistoryRecord {
  const savedAt = at.toISOString();
  return { id, host, savedAt, steps: STEPS.map((name) => ({ name: `${name} ${host}`, at: savedAt })) };
}

/** The bytes that saving the last of `records` writes: that record with its digest, or, in version 2, all of them. */
export function encodeSave(version: ServiceVersion, records: readonly HistoryRecord[]): string {
  const text = JSON.stringify(version === 1 ? records.at(-1) : records);
  return `${createHash('sha256').update(text).digest('hex')} ${text}\n`;
}
