// A comparison as a comment on a pull request: GitHub's Markdown, in which nothing foreign is markup.
import { printable } from '../../status/wording.js';
import type { Collected } from '../collected.js';
import type { Answer, Verdict } from '../observations.js';
import { changeOf, level, loadInWords, sideInWords, subjectOf, titleOf } from './words.js';

// A sign beside the word, so that nobody needs colours.
const SIGNS: Readonly<Record<Answer, string>> = {
  better: '✅',
  'no difference': '✅',
  worse: '❌',
  inconclusive: '❔',
};
const SENTENCE_LIMIT = 400;

/** Renders the verdict, a table, and the rest below a fold. */
export function renderMarkdown(verdict: Verdict, collected: Collected): string {
  const { baseline, candidate, load } = collected;
  const list = (sentences: readonly string[]) =>
    sentences.map((sentence) => `- ${escaped(printable(sentence, SENTENCE_LIMIT))}`);
  const head = ['', printable(baseline.label), printable(candidate.label), 'change', 'verdict'];
  const rows = verdict.metrics.map((metric) => [
    titleOf(metric),
    level(metric.baseline, metric.unit),
    level(metric.candidate, metric.unit),
    changeOf(metric),
    metric.answer === 'worse' ? `**${metric.answer}**` : metric.answer,
  ]);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const foreign = (cells: readonly string[]) => cells.map((cell, column) => (column === 4 ? cell : escaped(cell)));
  const lines = [
    `### ${SIGNS[verdict.verdict]} Loopsight: ${verdict.verdict}`,
    '',
    `${escaped(subjectOf(collected))}.`,
    '',
    ...list(verdict.reasons),
    ...(verdict.reasons.length === 0 ? [] : ['']),
    ...(rows.length === 0
      ? []
      : [row(foreign(head)), row(head.map(() => '---')), ...rows.map((cells) => row(foreign(cells))), '']),
    ...(verdict.missing.length === 0 ? [] : ['What is missing:', '', ...list(verdict.missing), '']),
    '<details><summary>What this rests on</summary>',
    '',
    ...list(
      [
        `${baseline.label}: ${sideInWords(verdict.baseline, baseline, load)}.`,
        `${candidate.label}: ${sideInWords(verdict.candidate, candidate, load)}.`,
        loadInWords(verdict, load),
        ...collected.notes,
        ...collected.warnings.map((warning) => `Warning: ${warning}`),
      ].filter((sentence) => sentence !== undefined),
    ),
    '',
    '</details>',
  ];
  return `${lines.join('\n')}\n`;
}

// As entities, which are no markup. GitHub looks for @name and #1 in what these have become: a comment keeps them apart.
function escaped(text: string): string {
  return text
    .replaceAll(/[\\`*_{}[\]<>|&~$]|:(?=\/\/)|(?<=\bwww)\./gi, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll(/[@#](?!\d+;)/g, '$&<!-- -->');
}
