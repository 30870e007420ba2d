// A comparison for a terminal.
import { printable } from '../../status/wording.js';
import type { Collected } from '../collected.js';
import type { Answer, Verdict } from '../observations.js';
import { changeOf, level, loadInWords, sideInWords, subjectOf, titleOf } from './words.js';

// SGR colour numbers.
const COLOURS: Readonly<Record<Answer, number>> = { better: 32, 'no difference': 32, worse: 31, inconclusive: 33 };
const SENTENCE_LIMIT = 400;
const REASONS = 5;

/** Renders the verdict first, then a table, then what it rests on. */
export function renderText(verdict: Verdict, collected: Collected, colour: boolean): string {
  const { baseline, candidate, load } = collected;
  const chosen = collected.chosen ? ' (chosen because of when they ran)' : '';
  const rows = verdict.metrics.map((metric) => [
    titleOf(metric),
    level(metric.baseline, metric.unit),
    level(metric.candidate, metric.unit),
    changeOf(metric),
    metric.answer,
  ]);
  const head = ['', printable(baseline.label, 30), printable(candidate.label, 30), 'change', ''];
  const sentences = (list: readonly string[]) => list.map((sentence) => `  - ${printable(sentence, SENTENCE_LIMIT)}`);
  const lines = [
    `${paint(verdict.verdict, COLOURS[verdict.verdict], colour)}: ${subjectOf(collected)}${chosen}`,
    ...sentences(verdict.reasons.slice(0, REASONS)),
    '',
    ...(rows.length === 0 ? [] : [...table([head, ...rows]), '']),
    `${printable(baseline.label)}: ${sideInWords(verdict.baseline, baseline, load)}.`,
    `${printable(candidate.label)}: ${sideInWords(verdict.candidate, candidate, load)}.`,
    ...[loadInWords(verdict, load)].filter((line) => line !== undefined),
    ...(verdict.missing.length === 0 ? [] : ['What is missing:', ...sentences(verdict.missing)]),
    ...[...collected.notes, ...collected.warnings.map((warning) => `${collected.source} warned: ${warning}`)].map(
      (note) => `Note: ${printable(note, SENTENCE_LIMIT)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function paint(text: string, code: number, colour: boolean): string {
  return colour ? `\u001b[${code}m${text}\u001b[39m` : text;
}
