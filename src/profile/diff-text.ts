// What changed between two profiles as a table for a terminal.

import { functionName } from '../stalls/blame/code-names.js';
import { counted, duration, printable } from '../status/wording.js';
import type { DiffedFunction, ProfileDiff } from './diff.js';

export interface DiffTextOptions {
  readonly by: 'self' | 'total';
  /** How many functions of each kind. */
  readonly top: number;
  readonly colour: boolean;
}

const NAME_LENGTH = 48;
const PLACE_LENGTH = 60;
/** Smaller changes are noise: of a second at 1 kHz, this is five samples. */
const SMALLEST_CHANGE = 0.005;
const [RED, BLUE, BOLD, PLAIN] = ['\u001b[31m', '\u001b[34m', '\u001b[1m', '\u001b[0m'];

/** The functions that became dearer and cheaper, most first. */
export function diffText(diff: ProfileDiff, { by, top, colour }: DiffTextOptions): string {
  const change = ({ selfChange, totalChange }: DiffedFunction) => (by === 'self' ? selfChange : totalChange);
  const sorted = diff.functions
    .filter((code) => Math.abs(change(code)) >= SMALLEST_CHANGE)
    .sort((one, other) => Math.abs(change(other)) - Math.abs(change(one)));
  const inColour = (text: string, code: string) => (colour ? `${code}${text}${PLAIN}` : text);
  const section = (title: string, rows: readonly DiffedFunction[], code: string): string[] => {
    if (rows.length === 0) return [];
    const lines = rows.slice(0, top).map((row) => line(row, diff, by, (text) => inColour(text, code)));
    const rest = rows.length - lines.length;
    return [
      '',
      inColour(title, BOLD),
      ...lines,
      ...(rest > 0 ? [`  and ${counted(rest, 'more function', 'more functions')}`] : []),
    ];
  };
  const lines = [
    `${side(diff.beforeTitle, diff.beforeBusyUs)} → ${side(diff.afterTitle, diff.afterBusyUs)}`,
    `Shares of the time that was not idle, ${by === 'self' ? 'own time' : 'with what was called'}: before, after, change in points.`,
    ...section(
      'Dearer',
      sorted.filter((code) => change(code) > 0),
      RED,
    ),
    ...section(
      'Cheaper',
      sorted.filter((code) => change(code) < 0),
      BLUE,
    ),
  ];
  if (sorted.length === 0) lines.push('', 'No function changed by half a point or more.');
  return `${lines.join('\n')}\n`;
}

const side = (title: string, busyUs: number) => `${printable(title)} (${duration(busyUs / 1e6)} busy)`;

function line(
  row: DiffedFunction,
  { beforeBusyUs, afterBusyUs }: ProfileDiff,
  by: 'self' | 'total',
  paint: (text: string) => string,
): string {
  const [before, after] =
    by === 'self' ? [row.before.selfUs, row.after.selfUs] : [row.before.totalUs, row.after.totalUs];
  const share = (us: number, ofUs: number) => `${(ofUs === 0 ? 0 : (us / ofUs) * 100).toFixed(1)} %`.padStart(8);
  const change = by === 'self' ? row.selfChange : row.totalChange;
  const points = `${change > 0 ? '+' : '−'}${Math.abs(change * 100).toFixed(1)}`.padStart(7);
  const only = row.before.totalUs === 0 ? ' (only after)' : row.after.totalUs === 0 ? ' (only before)' : '';
  const name = printable(functionName(row.name), NAME_LENGTH);
  const place = row.place === '' ? '' : `  ${printable(row.place, PLACE_LENGTH)}`;
  return `${share(before, beforeBusyUs)} ${share(after, afterBusyUs)} ${paint(points)}  ${name}${place}${only}`;
}
